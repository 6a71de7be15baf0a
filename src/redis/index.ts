export type { IoRedisClient, NodeRedisClient, RedisClient, UpstashClient } from './client.ts';
export { type RedisStateSettings, redisState } from './redis-state.ts';
