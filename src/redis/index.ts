/**
 * Keeps what calls share in Redis, for several processes.
 *
 * @packageDocumentation
 */

export type { IoRedisClient, NodeRedisClient, RedisClient, UpstashClient } from './client.ts';
export { type RedisStateSettings, redisState } from './redis-state.ts';
