import { classifyByRules, createComposite } from 'ai-composite';
import { otelObserver } from 'ai-composite/otel';
import { anthropic, google, isDemo, openai } from './providers';

/** The providers that there are keys for, in their order. */
function available<MODEL>(models: ReadonlyArray<MODEL | undefined>): ReadonlyArray<MODEL> {
  return models.filter(model => model !== undefined);
}

// A model that serves two tasks is made once, so that both know when it is down.
const pro = google?.('gemini-3.1-pro-preview');

/** One composite for the whole app: what it learns of its candidates' health is for every route. */
export const ai = createComposite({
  tasks: {
    quick: available([
      google?.('gemini-3.8-flash'),
      openai?.('gpt-6-luna'),
      anthropic?.('claude-sonnet-5-5'),
    ]),
    code: available([anthropic?.('claude-sonnet-5'), openai?.('gpt-6-sol'), pro]),
    writing: available([openai?.('gpt-6-astra'), anthropic?.('claude-opus-5-5'), pro]),
  },
  defaultTask: 'quick',
  classify: classifyByRules([
    {
      task: 'code',
      keywords: ['code', 'function', 'typescript', 'javascript', 'python', 'sql', 'bug', 'regex'],
    },
    { task: 'writing', keywords: ['write', 'poem', 'story', 'letter', 'name', 'headline', 'rewrite'] },
  ]),
  // How long a reader looks at nothing before the next candidate is asked; short where the demo's slowness is to be seen.
  timeout: { firstChunkMs: isDemo ? 3_000 : 20_000 },
  // A span for each attempt, below the SDK's, where instrumentation.ts sends traces somewhere.
  ...otelObserver(),
});
