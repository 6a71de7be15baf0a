import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '../../provider/sdk-types.ts';
import type { Cost } from '../cost.ts';
import type { Price } from '../price/price.ts';

/** A model as pricing sees it. */
export type PricedModel = {
  /** Such as `openai.responses`. */
  readonly provider: string;
  readonly modelId: string;
  /** The candidate's own price; wins over every other price. */
  readonly price?: Price;
};

/** A model with the options it is called with: they name a service tier, tools, and the text to estimate. */
export type PricedCall = PricedModel & { readonly callOptions: LanguageModelV4CallOptions };

/** Watches one attempt and says in the end what it cost. */
export type Meter = {
  /** Takes every part of a stream, or every part of a generate result's content. */
  readonly observe: (part: LanguageModelV4StreamPart | LanguageModelV4Content) => void;
  /** Prices the attempt; call it once, at the end. A promise only while the catalog is still loading. */
  readonly settle: (end: MeterEnd) => Cost | Promise<Cost>;
  /**
   * Settles for whoever may never look: the cost is worked out when it is first read, at the prices of the attempt's
   * moment, and is the one that `settle` would have returned. Call one of the two, once. A warning that is due is told
   * at once. A promise only while the catalog is still loading.
   */
  readonly settleLater: (end: MeterEnd) => (() => Cost) | Promise<Cost>;
};

/** What is known of an attempt at its end. */
export type MeterEnd = {
  readonly outcome: 'success' | 'failure' | 'abort';
  /** Of a generate result; of a stream the observed finish part has it. */
  readonly usage?: LanguageModelV4Usage | undefined;
  readonly providerMetadata?: SharedV4ProviderMetadata | undefined;
  readonly responseModelId?: string | undefined;
  /** The parsed body of a generate response: it has what the provider package leaves out of the usage. Not kept. */
  readonly responseBody?: unknown;
  /** The headers of the response: some gateways say there what it cost. Not kept. */
  readonly responseHeaders?: Readonly<Record<string, string>> | undefined;
  /** What a failed attempt failed with: a refused request is known to cost nothing. */
  readonly error?: unknown;
};
