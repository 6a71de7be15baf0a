/**
 * What works on what comes back, be it an answer, a stream or a failure: no request waits for it to be loaded, see
 * `answers-chunk.ts`.
 */
export { classifyFailure } from '../failure/failure.ts';
export { afterFailure } from './after-failure.ts';
export { receiveStream } from './delivery/receive-stream.ts';
export { receiveCollected } from './receive-collected.ts';
export { receiveGenerated } from './receive-generated.ts';
