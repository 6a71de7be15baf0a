import { loadEngine } from '../src/cost/lazy-engine.ts';

// What works costs out, and what tells a plan, is loaded when it is first needed; tests are not about that first time, and
// a manual clock does not wait for a disk.
await Promise.all([loadEngine(), import('../src/describe/describe-call.ts')]);
