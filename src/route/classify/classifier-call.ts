import type { Ticket } from '../../candidate/ticket.ts';
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '../../provider/sdk-types.ts';

/** One request to a classifying model: what pricing needs to know of it. */
export type ClassifierCall = {
  readonly provider: string;
  readonly modelId: string;
  readonly callOptions: LanguageModelV4CallOptions;
  readonly outcome: 'success' | 'failure' | 'abort';
  readonly usage?: LanguageModelV4Usage;
  readonly providerMetadata?: SharedV4ProviderMetadata;
  readonly responseModelId?: string;
  readonly responseBody?: unknown;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly error?: unknown;
  /** What was held for it, to be settled with its cost; absent where nothing was. */
  readonly ticket?: Ticket;
};
