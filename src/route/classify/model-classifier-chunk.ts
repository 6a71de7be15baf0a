import { createChunk } from '../../boundary/chunk.ts';

/** What asks a model for a task; loaded with the first call that it classifies. */
export const modelClassifier = createChunk(() => import('./model-classifier.ts'));
