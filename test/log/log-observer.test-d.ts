import { createComposite } from 'ai-composite';
import { logObserver } from 'ai-composite/log';
import pino from 'pino';
import { expectTypeOf, test } from 'vitest';
import { scriptedModel } from '../fallback/scripted-model.ts';

test('takes pino, the console, a stream and a function', () => {
  logObserver({ logger: pino() });
  logObserver({ logger: pino().child({ app: 'shop' }), level: 'debug' });
  logObserver({ logger: console });
  logObserver({ logger: process.stdout });
  logObserver({ logger: ({ event, level }) => `${level} ${event}` });
  // @ts-expect-error there is no such level
  logObserver({ level: 'verbose' });
  // @ts-expect-error no logger
  logObserver({ logger: 5 });
});

test('goes into the settings, spread or among the observers', () => {
  const model = scriptedModel({ id: 'm', turns: [] });
  expectTypeOf(createComposite([model], { ...logObserver() }).tasks).toEqualTypeOf<readonly 'default'[]>();
  createComposite({ tasks: { chat: [model] }, observers: [logObserver({ logger: console })] });
});
