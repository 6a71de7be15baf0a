/** What a path says of the model behind it. */
export type ModelPath =
  | { readonly modelId: string; readonly why?: undefined }
  /** Nothing, and this is the reason. */
  | { readonly modelId?: undefined; readonly why: string };

/** Where Google's models are, on the Gemini API and on Vertex AI. */
const googlePath = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/[^/]+\/)?models\//;
const googleEndpoint = /^projects\/[^/]+\/locations\/[^/]+\/endpoints\//;

/**
 * A resource of Bedrock (docs.aws.amazon.com/bedrock, API_InferenceProfileSummary and CreateInferenceProfile, 2026-11):
 * a foundation model and a profile that AWS made name their model, what a customer made has an id of its own.
 */
const bedrockArn = /^arn:(aws[a-z-]*):bedrock:([a-z\d-]*):\d*:([a-z-]+)\/(.+)$/;
/** How LiteLLM spells the models of Bedrock (docs.litellm.ai/docs/providers/bedrock, 2026-11). */
const bedrockPath =
  /^bedrock\/(?:(?:converse|converse_like|invoke)\/)?(?:([a-z]{2}(?:-[a-z]+)+-\d)\/)?(\d-month-commitment\/)?(.+)$/;
/** Bedrock's own ids are the only ones with a dot behind the vendor; a proxy may pass them on as they are. */
const bedrockId =
  /^(?:(?:global|us|eu|apac|jp|au|in|ca)\.)?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen|writer)\.[^/]+$/;
const isNamed: ReadonlySet<string> = new Set(['foundation-model', 'inference-profile']);

/**
 * Reads the model out of a resource path: an ARN of Bedrock, a path of LiteLLM, a resource name of Google. Anything
 * else is taken for a model id.
 *
 * @example
 * readModelPath({ provider: 'aws', modelId: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0' });
 * // { modelId: 'amazon.nova-pro-v1:0' }
 */
export function readModelPath({
  provider,
  modelId,
}: {
  /** The catalog's id of the provider; undefined for one it does not know. */
  readonly provider: string | undefined;
  readonly modelId: string;
}): ModelPath {
  if (googleEndpoint.test(modelId)) return { why: 'an endpoint does not say which model runs on it' };
  const path = bedrockPath.exec(modelId);
  const [, , , id = modelId] = path ?? [];
  const arn = bedrockArn.exec(id);
  if (path === null && arn === null)
    return {
      modelId:
        provider === undefined && bedrockId.test(modelId)
          ? `bedrock/${modelId}`
          : modelId.replace(googlePath, ''),
    };
  const [, partition = 'aws', arnRegion = '', kind, resource = id] = arn ?? [];
  const region = path?.[1] ?? arnRegion;
  if (path?.[2] !== undefined || kind === 'provisioned-model')
    return { why: 'provisioned throughput is billed by the hour' };
  if (kind !== undefined && !isNamed.has(kind)) return { why: `${a(kind)} does not say which model it runs` };
  if (partition !== 'aws' || region.startsWith('us-gov'))
    return { why: 'this partition of AWS has prices of its own' };
  // Asked of somebody else, the model is still one of Bedrock's.
  return { modelId: provider === 'aws' ? resource : `bedrock/${resource}` };
}

/** `application-inference-profile` → `an application inference profile`. */
function a(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind.replaceAll('-', ' ')}`;
}
