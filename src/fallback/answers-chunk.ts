import { createChunk } from '../boundary/chunk.ts';

/** What works on what comes back; loaded beside the first request of the process. */
export const answers = createChunk(() => import('./answers.ts'));
