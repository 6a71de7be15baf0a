import { generateText, NoSuchModelError } from 'ai';
import { compositeMetadata, createComposite } from 'ai-composite';
import { expect, test } from 'vitest';
import { createFaultServer } from '../../src/testing/index.ts';
import { clients } from '../testing/clients.ts';

const [client] = clients.map(({ model }) => model);

/** A task name as it may come from a request, unknown to the compiler. */
function fromOutside(name: string): 'code' {
  return name as 'code';
}

test('a task that is none at run time is served by the default task, with a warning', async () => {
  await using server = await createFaultServer();
  const model = (name: string) => ({ model: client?.(server.account(name).baseUrl) ?? '', name });
  const ai = createComposite({
    tasks: { code: [model('coder')], fast: [model('quick')] },
    defaultTask: 'fast',
  });

  const result = await generateText({ model: ai(fromOutside('cdoe')), prompt: 'hi' });

  expect(compositeMetadata(result)).toMatchObject({
    task: 'fast',
    candidate: 'quick',
    warnings: ['There is no task "cdoe"; tasks are code, fast; used the default task "fast".'],
  });
  expect(result.warnings).toContainEqual({
    type: 'other',
    message: 'ai-composite: There is no task "cdoe"; tasks are code, fast; used the default task "fast".',
  });
});

test('as a provider it says that there is no such model', async () => {
  await using server = await createFaultServer();
  const ai = createComposite([{ model: client?.(server.account('one').baseUrl) ?? '', name: 'one' }]);

  expect(() => ai.languageModel('cdoe')).toThrow(NoSuchModelError);
});
