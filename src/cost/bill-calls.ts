import { notify } from '../boundary/callback.ts';
import type {
  JSONObject,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4Middleware,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
} from '../provider/sdk-types.ts';
import type { Meter, MeterEnd } from './attempt/meter.ts';
import type { Cost } from './cost.ts';
import type { Price } from './price/price.ts';
import { createPricing, type PricingOptions } from './pricing.ts';

/** What `costMiddleware` takes. */
export type CostMiddlewareSettings = PricingOptions & {
  /** The price of the wrapped model; wins over `prices` and the catalog. */
  readonly price?: Price;
  /**
   * Told the cost of every call once, also of one that failed, was cut or was stopped. If it throws or rejects, the
   * call goes on. A stream that is neither read to its end nor cancelled nor aborted has no end to tell of: hand on an
   * `abortSignal`. (A composite ends such a stream by `unreadMs`.)
   */
  readonly onCost?: (cost: Cost) => void;
};

/** Calls whose cost is put on their answers. */
export type BilledCalls = Required<Pick<LanguageModelV4Middleware, 'wrapGenerate' | 'wrapStream'>>;

/** Makes the two ways to call a model so that the answer carries its cost. */
export function billCalls({ price, onCost, ...options }: CostMiddlewareSettings): BilledCalls {
  const pricing = createPricing(options);
  const open = ({
    model,
    params,
  }: {
    readonly model: { readonly provider: string; readonly modelId: string };
    readonly params: LanguageModelV4CallOptions;
  }) => {
    const call = {
      provider: model.provider,
      modelId: model.modelId,
      callOptions: params,
      ...(price !== undefined && { price }),
    };
    pricing.prepare(call);
    return { call, bill: createBill({ meter: pricing.meter(call), onCost }) };
  };
  const outcomeOf = ({ abortSignal }: LanguageModelV4CallOptions) =>
    abortSignal?.aborted === true ? 'abort' : 'failure';

  return {
    wrapGenerate: async ({ doGenerate, params, model }) => {
      const { bill } = open({ model, params });
      try {
        const result = await doGenerate();
        for (const part of result.content) bill.observe(part);
        const cost = await bill.settle(endOf(result));
        return { ...result, providerMetadata: withCost({ metadata: result.providerMetadata, cost }) };
      } catch (error) {
        await bill.settle({ outcome: outcomeOf(params), error });
        throw error;
      }
    },

    wrapStream: async ({ params, model }) => {
      const { call, bill } = open({ model, params });
      const dropsRaw = params.includeRawChunks !== true && pricing.wantsRawChunks(call);
      const options = dropsRaw ? { ...params, includeRawChunks: true } : params;
      const result = await Promise.resolve(model.doStream(options)).catch(async (error: unknown) => {
        await bill.settle({ outcome: outcomeOf(params), error });
        throw error;
      });
      bill.saw(result.response?.headers);
      bill.settleOnAbort(params.abortSignal);
      return {
        ...result,
        stream: billStream({ stream: result.stream, bill, dropsRaw, failedAs: () => outcomeOf(params) }),
      };
    },
  };
}

/** What a whole answer tells of what it cost. */
function endOf({ usage, providerMetadata, response }: LanguageModelV4GenerateResult): MeterEnd {
  return {
    outcome: 'success',
    usage,
    ...(providerMetadata !== undefined && { providerMetadata }),
    ...(response?.modelId !== undefined && { responseModelId: response.modelId }),
    ...(response?.body !== undefined && { responseBody: response.body }),
    ...(response?.headers !== undefined && { responseHeaders: response.headers }),
  };
}

type Bill = {
  readonly observe: Meter['observe'];
  /** Keeps the headers of a stream for its end. */
  readonly saw: (responseHeaders: MeterEnd['responseHeaders']) => void;
  /** Settles once; later calls get the first cost. */
  readonly settle: (end: MeterEnd) => Promise<Cost>;
  /** Settles when the call is aborted, because nobody may read the stream to its end. */
  readonly settleOnAbort: (signal: AbortSignal | undefined) => void;
};

function createBill({
  meter,
  onCost,
}: {
  readonly meter: Meter;
  readonly onCost: CostMiddlewareSettings['onCost'];
}): Bill {
  let settled: Promise<Cost> | undefined;
  let aborting: AbortSignal | undefined;
  let headers: MeterEnd['responseHeaders'];
  const onAbort = () => {
    void settle({ outcome: 'abort' });
  };
  const settle: Bill['settle'] = end => {
    aborting?.removeEventListener('abort', onAbort);
    settled ??= Promise.resolve(
      meter.settle(headers === undefined ? end : { ...end, responseHeaders: headers }),
    ).then(cost => {
      notify({ observer: onCost, event: cost });
      return cost;
    });
    return settled;
  };
  return {
    observe: meter.observe,
    saw: responseHeaders => {
      headers = responseHeaders;
    },
    settle,
    settleOnAbort: signal => {
      aborting = signal;
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    },
  };
}

/**
 * Passes a stream on part by part, as it is read; the finish carries the cost, and a stream that ends in any other
 * way is billed too.
 */
function billStream({
  stream,
  bill,
  dropsRaw,
  failedAs,
}: {
  readonly stream: ReadableStream<LanguageModelV4StreamPart>;
  readonly bill: Bill;
  readonly dropsRaw: boolean;
  readonly failedAs: () => 'abort' | 'failure';
}): ReadableStream<LanguageModelV4StreamPart> {
  const reader = stream.getReader();
  let failure: unknown;
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      pull: async controller => {
        try {
          let part = await nextPart({ reader, bill, dropsRaw });
          if (part === undefined) {
            await bill.settle({ outcome: failedAs(), error: failure });
            controller.close();
            return;
          }
          if (part.type === 'error') failure ??= part.error;
          if (part.type === 'finish') {
            const { unified } = part.finishReason;
            const isBroken = unified === 'error' || unified === 'interrupted';
            const cost = await bill.settle(
              isBroken ? { outcome: failedAs(), error: failure } : { outcome: 'success' },
            );
            part = { ...part, providerMetadata: withCost({ metadata: part.providerMetadata, cost }) };
          }
          controller.enqueue(part);
        } catch (error) {
          await bill.settle({ outcome: failedAs(), error });
          throw error;
        }
      },
      cancel: async reason => {
        // The bill does not wait for a provider that is slow to close.
        await Promise.all([bill.settle({ outcome: 'abort' }), reader.cancel(reason)]);
      },
    },
    { highWaterMark: 0 },
  );
}

async function nextPart({
  reader,
  bill,
  dropsRaw,
}: {
  readonly reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart>;
  readonly bill: Bill;
  readonly dropsRaw: boolean;
}): Promise<LanguageModelV4StreamPart | undefined> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return undefined;
    bill.observe(value);
    if (!(dropsRaw && value.type === 'raw')) return value;
  }
}

/**
 * Puts a cost beside the provider's own metadata. A cost is plain JSON; only its readonly types are not the SDK's
 * JSON type.
 */
function withCost({
  metadata,
  cost,
}: {
  readonly metadata: SharedV4ProviderMetadata | undefined;
  readonly cost: Cost;
}): SharedV4ProviderMetadata {
  return { ...metadata, composite: { ...metadata?.composite, cost: cost as unknown as JSONObject } };
}
