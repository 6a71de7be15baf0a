/** Classes with which provider packages and credential libraries say that a key, a setting or a token is missing. */
const names: ReadonlySet<string> = new Set([
  'AI_LoadAPIKeyError',
  'AI_LoadSettingError',
  // @aws-sdk/credential-providers
  'CredentialsProviderError',
  'TokenProviderError',
  // @azure/identity
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
  // @vercel/oidc
  'VercelOidcTokenError',
]);

/** The same, where a package throws a plain `Error`: its fixed sentence, anchored at its start, is the only fact. */
const sentences: readonly RegExp[] = [
  // @ai-sdk/amazon-bedrock 5, and aws4fetch under it
  /^AWS SigV4 authentication requires /,
  /^AWS credential provider failed: /,
  /^(?:accessKeyId|secretAccessKey) is a required option$/,
  /^Could not load credentials from any providers/,
  // @ai-sdk/google-vertex 5 and its edge build; a service that is down is not told by these statuses
  /^Failed to load Google credentials: /,
  /^Token request failed: (?:Bad Request|Unauthorized|Forbidden)$/,
  // google-auth-library 10
  /^Could not load the default credentials\./,
  /^Unable to read the credential file specified by the GOOGLE_APPLICATION_CREDENTIALS/,
  /^Unable to detect a Project Id in the current environment/,
  /^The file at .+ does not exist, or it is not a file\./,
  /^The incoming JSON object does not (?:contain a |have the )/,
  /^No (?:access, refresh token, API key|refresh token|key or keyFile)\b.* (?:is )?set\.$/,
  /^ENOENT: no such file or directory, open /,
];

/**
 * Tells whether an error says that credentials are missing on this side, so that no request was sent.
 *
 * Both the failure's kind (`auth`) and its cost (nothing) go by it. Looks at the error and its causes, five deep.
 */
export function lacksCredentials(error: unknown): boolean {
  let current: unknown = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const name: unknown = Reflect.get(current, 'name');
    if (typeof name === 'string' && names.has(name)) return true;
    const message: unknown = Reflect.get(current, 'message');
    if (current instanceof Error && typeof message === 'string' && sentences.some(it => it.test(message)))
      return true;
    current = Reflect.get(current, 'cause');
  }
  return false;
}
