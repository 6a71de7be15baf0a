import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage } from '@langchain/core/messages';
import type { ChatResult } from '@langchain/core/outputs';
import { type Effort, interleave } from '../measure.ts';
import { rowsOf, type Work } from '../table.ts';

process.env.LANGSMITH_TRACING = 'false';
process.env.LANGCHAIN_TRACING_V2 = 'false';

class InstantChatModel extends BaseChatModel {
  readonly failure: Error | undefined;

  constructor(failure?: Error) {
    super({ maxRetries: 0 });
    this.failure = failure;
  }

  override _llmType(): string {
    return 'instant';
  }

  override async _generate(): Promise<ChatResult> {
    if (this.failure !== undefined) throw this.failure;
    return { generations: [{ text: 'ok', message: new AIMessage('ok') }] };
  }
}

/** LangChain's `withFallbacks`, beside LangChain's own plain model: another framework, so another baseline. */
export async function measureLangChain(effort: Effort): Promise<ReadonlyArray<Work>> {
  const plain = new InstantChatModel();
  const healthy = new InstantChatModel().withFallbacks([new InstantChatModel()]);
  const down = new InstantChatModel(new Error('503')).withFallbacks([new InstantChatModel()]);
  const invoked = (name: string, model: { readonly invoke: (input: string) => Promise<unknown> }) => ({
    name,
    run: async (count: number) => {
      for (let index = 0; index < count; index++) await model.invoke('hello');
    },
  });
  const taken = await interleave({
    contestants: [
      invoked('a plain chat model', plain),
      invoked('withFallbacks', healthy),
      invoked('withFallbacks, the first model down', down),
    ],
    effort,
  });
  return [
    {
      id: 'langchain',
      title: 'LangChain: `invoke` on a model that answers at once',
      figure: 'added',
      unit: 'µs',
      rows: rowsOf({ taken, figure: 'added' }),
    },
  ];
}
