/**
 * The name of a candidate that was given none: `provider/modelId`, as people say it. Of an id that is the path of a resource
 * (an ARN, `accounts/…/models/…`, `projects/…/endpoints/…`, a file) only the end is kept: the rest names an account, not a model.
 * Ids of one or two parts (`gpt-6-sol`, `meta-llama/Llama-4`) stay whole.
 */
export function defaultName({
  provider,
  modelId,
}: {
  readonly provider: string;
  readonly modelId: string;
}): string {
  // The packages for Vertex AI are called google.vertex.chat, googleVertex.anthropic.messages, vertex.maas and the like.
  const name = /^(?:google\.?vertex|vertex)\b/i.test(provider) ? 'vertex' : provider.split('.')[0];
  return `${name}/${shortId(modelId)}`;
}

/** What the last part of a path is called by what stands before it, as in `accounts/fireworks/models/glm-5`. */
const collections = /(?:^|\/)(?:[a-z]*models|deployments|endpoints|publishers|accounts|projects)\//i;

function shortId(modelId: string): string {
  // Fireworks puts a deployment behind the model: `accounts/…/models/x#accounts/…/deployments/y`.
  const [path = modelId] = modelId.split('#');
  const isPath = /^(?:arn:|https?:|[./~\\]|[a-z]:\\)/i.test(path) || collections.test(path);
  if (!isPath) return modelId;
  // An ARN may have no path: arn:partition:service:region:account:resource.
  if (!path.includes('/') && path.startsWith('arn:')) return path.split(':').slice(5).join(':');
  return path.split(/[/\\]/).findLast(part => part !== '') ?? modelId;
}
