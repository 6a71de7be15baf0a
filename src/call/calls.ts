/** What sends requests, and what calls share; loaded when a composite is made, see `lazy-calls.ts`. */
export { askedModels, sharedUrls } from '../route/serve/supported-urls.ts';
export { generate, stream } from './flow.ts';
export { openComposite } from './open-composite.ts';
export { loadSpending } from './spending-chunk.ts';
