import { loadEngine } from '../src/cost/lazy-engine.ts';
import { answers } from '../src/fallback/answers-chunk.ts';

// What takes answers, what works costs out, and what tells a plan, is loaded when it is first needed; tests are not about
// that first time, and a manual clock does not wait for a disk.
await Promise.all([loadEngine(), answers.load(), import('../src/describe/describe-call.ts')]);
