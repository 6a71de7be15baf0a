import { calls } from '../src/call/lazy-calls.ts';
import { planner } from '../src/call/planner-chunk.ts';
import { billing } from '../src/cost/cost-middleware.ts';
import { loadEngine } from '../src/cost/lazy-engine.ts';
import { answers } from '../src/fallback/answers-chunk.ts';
import { continued } from '../src/fallback/continue/continued-chunk.ts';
import { modelClassifier } from '../src/route/classify/model-classifier-chunk.ts';
import { learning } from '../src/state/observed/lazy-observed.ts';
import { sharing } from '../src/state/shared/lazy-shared.ts';

// What sends requests, plans, takes answers, works costs out and tells a plan, is loaded when it is first needed; tests are not about that
// first time, and a manual clock does not wait for a disk.
await Promise.all([
  calls.load(),
  planner.load(),
  modelClassifier.load(),
  answers.load(),
  sharing.load(),
  continued.load(),
  billing.load(),
  learning.load(),
  loadEngine(),
  import('../src/describe/describe-call.ts'),
]);
