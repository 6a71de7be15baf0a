import type {
  LanguageModelV4Middleware,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider';
import type { Cost } from './cost.ts';
import type { MeterEnd } from './meter.ts';
import { createPricing, type PricingOptions } from './pricing.ts';

/** What `costMiddleware` takes. */
export type CostMiddlewareSettings = PricingOptions & {
  /** Told the cost of every call, also of one that failed or was stopped. */
  readonly onCost?: (cost: Cost) => void;
};

/**
 * Only the cost, for one model: `providerMetadata.composite.cost` on results and on the finish of streams.
 *
 * @example
 * const model = wrapLanguageModel({ model: openai('gpt-6-sol'), middleware: costMiddleware() });
 */
export function costMiddleware({
  onCost,
  ...options
}: CostMiddlewareSettings = {}): LanguageModelV4Middleware {
  const pricing = createPricing(options);
  const tell = (cost: Cost) => {
    try {
      onCost?.(cost);
    } catch {
      // An observer must not cost the answer.
    }
    return cost;
  };
  const withCost = ({
    metadata,
    cost,
  }: {
    readonly metadata: SharedV4ProviderMetadata | undefined;
    readonly cost: Cost;
  }): SharedV4ProviderMetadata => ({
    ...metadata,
    // A cost is plain JSON; its readonly types are not the SDK's JSON type.
    composite: { cost: cost as never },
  });

  return {
    specificationVersion: 'v4',
    wrapGenerate: async ({ doGenerate, params, model }) => {
      const meter = pricing.meter({ provider: model.provider, modelId: model.modelId, callOptions: params });
      try {
        const result = await doGenerate();
        for (const part of result.content) meter.observe(part);
        const { usage, providerMetadata, response } = result;
        const cost = tell(
          await meter.settle({
            outcome: 'success',
            usage,
            ...(providerMetadata !== undefined && { providerMetadata }),
            ...(response?.modelId !== undefined && { responseModelId: response.modelId }),
          }),
        );
        return { ...result, providerMetadata: withCost({ metadata: providerMetadata, cost }) };
      } catch (error) {
        tell(
          await meter.settle({ outcome: params.abortSignal?.aborted === true ? 'abort' : 'failure', error }),
        );
        throw error;
      }
    },
    wrapStream: async ({ doStream, params, model }) => {
      const meter = pricing.meter({ provider: model.provider, modelId: model.modelId, callOptions: params });
      let settled = false;
      let responseModelId: string | undefined;
      const settle = async (end: MeterEnd): Promise<Cost | undefined> => {
        if (settled) return undefined;
        settled = true;
        return tell(
          await meter.settle({ ...end, ...(responseModelId !== undefined && { responseModelId }) }),
        );
      };
      const result = await doStream().then(undefined, async (error: unknown) => {
        await settle({ outcome: params.abortSignal?.aborted === true ? 'abort' : 'failure', error });
        throw error;
      });
      const reader = result.stream.getReader();
      const stream = new ReadableStream<LanguageModelV4StreamPart>(
        {
          pull: async controller => {
            try {
              const { done, value: part } = await reader.read();
              if (done) {
                await settle({ outcome: 'failure' });
                controller.close();
                return;
              }
              meter.observe(part);
              if (part.type === 'response-metadata') responseModelId = part.modelId ?? responseModelId;
              if (part.type !== 'finish') return controller.enqueue(part);
              const { usage, providerMetadata } = part;
              const cost = await settle({
                outcome: 'success',
                usage,
                ...(providerMetadata !== undefined && { providerMetadata }),
              });
              controller.enqueue(
                cost === undefined
                  ? part
                  : { ...part, providerMetadata: withCost({ metadata: providerMetadata, cost }) },
              );
            } catch (error) {
              await settle({ outcome: params.abortSignal?.aborted === true ? 'abort' : 'failure', error });
              throw error;
            }
          },
          cancel: async reason => {
            await reader.cancel(reason).catch(() => undefined);
            await settle({ outcome: 'abort' });
          },
        },
        { highWaterMark: 0 },
      );
      return { ...result, stream };
    },
  };
}
