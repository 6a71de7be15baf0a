import { loadEngine } from '../src/cost/lazy-engine.ts';

// What works costs out is loaded beside the first request of a process; tests are not about that one.
await loadEngine();
