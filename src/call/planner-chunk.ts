import { createChunk } from '../boundary/chunk.ts';

/** What plans a call for which no plan is ready; loaded with the first such call. */
export const planner = createChunk(() => import('./planner.ts'));
