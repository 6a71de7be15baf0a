import { createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { scriptedModel } from '../fallback/scripted-model.ts';
import { pageOf } from './pages.ts';

const model = scriptedModel({ id: 'one', turns: [] });
const unknown = { thereIsNone: 1 };

/** What the package says it takes, when it is given a setting that there is not. */
async function taken(make: () => unknown): Promise<ReadonlyArray<string>> {
  const message: unknown = await Promise.resolve()
    .then(make)
    .then(
      () => '',
      error => error.message,
    );
  const list = String(message).match(/it takes ([^;(]*)/)?.[1] ?? '';
  return list.trim().split(', ').sort();
}

/** The names in the first column of the table under a heading. */
function told(heading: string): ReadonlyArray<string> {
  const { text } = pageOf('docs/settings.md');
  const section = text.slice(text.indexOf(heading)).split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| (`.*?) \|/gm)]
    .flatMap(row => [...(row[1] ?? '').matchAll(/`(\w+)`/g)].map(name => name[1] ?? ''))
    .sort();
}

// The types forbid what these tests hand in.
const composite = (settings: object) => createComposite(settings as Parameters<typeof createComposite>[0]);

describe('docs/settings.md names every setting', () => {
  test('of a route, and of the composite, which takes those of a route too', async () => {
    const route = await taken(() => composite({ tasks: { chat: { candidates: [model], ...unknown } } }));
    expect(told('## Of a route')).toEqual(route);
    const all = await taken(() => composite({ tasks: { chat: [model] }, ...unknown }));
    expect(told('## Of the composite')).toEqual(all.filter(name => !route.includes(name)));
  });

  test('of a candidate', async () => {
    const candidate = await taken(() => composite({ tasks: { chat: [{ model, ...unknown }] } }));
    expect(told('## Of a candidate')).toEqual(candidate);
  });

  test('of a call', async () => {
    const call = await taken(() =>
      createComposite([model]).plan({ prompt: 'Hi', providerOptions: { composite: unknown } }),
    );
    expect(told('## Of a call')).toEqual(call);
  });
});
