import { lazily } from '../../boundary/lazily.ts';
import { hosts } from './hosts.ts';
import type { ProviderCodes } from './meaning.ts';
import { ownServers } from './own-servers.ts';
import { vendors } from './vendors.ts';

/**
 * The documented errors of each provider that the common codes do not cover.
 *
 * One code can mean different things: DashScope's `insufficient_quota` is a limit per minute, OpenAI's an empty account; a
 * 403 is Together's word for a prompt that is too long.
 */
export const providerCodes = lazily((): readonly ProviderCodes[] => [
  ...vendors(),
  ...hosts(),
  ...ownServers(),
]);
