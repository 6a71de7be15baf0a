import type { CompositeSettings } from 'ai-composite';

/** Settings that say how the engine runs, for tests that make the routes themselves. */
export type EngineOptions = Omit<CompositeSettings, 'tasks' | 'defaultTask' | 'classify'>;
