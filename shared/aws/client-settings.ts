/**
 * `aws/` makes the clients of AWS: one place for region, credentials, endpoints, retries and the words of errors.
 * The SDK is large: its parts are loaded by import() when the first request is made.
 */
import type { AgentOptions } from 'node:https';
import { UserError } from '../errors.ts';

export interface AwsOptions {
  env: NodeJS.ProcessEnv;
  /** Stops requests that are under way. */
  signal?: AbortSignal;
  /** In place of the one that AWS_REGION, AWS_DEFAULT_REGION or the profile names. */
  region?: string;
  /** In place of the one that AWS_ENDPOINT_URL_<SERVICE> or AWS_ENDPOINT_URL names. */
  endpoint?: string;
}

export type AwsService =
  | 'S3'
  | 'SAGEMAKER'
  | 'SAGEMAKER_RUNTIME'
  | 'APPLICATION_AUTO_SCALING'
  | 'STS'
  | 'CLOUDWATCH'
  | 'PRICING'
  | 'CLOUDWATCH_LOGS'
  | 'EC2';

/** Seven tries: a throttled account needs more than the SDK's three. */
const TRIES = 7;
const CONNECTION_TIMEOUT_MS = 10_000;
/** Without one byte in this time a connection is taken for dead. */
const SILENCE_TIMEOUT_MS = 60_000;

interface StaticCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface ClientSettings {
  customUserAgent: [string][];
  retryMode: string;
  maxAttempts: number;
  requestHandler: {
    connectionTimeout: number;
    socketTimeout: number;
    httpAgent?: AgentOptions;
    httpsAgent?: AgentOptions;
  };
  region?: string;
  endpoint?: string;
  profile?: string;
  credentials?: StaticCredentials;
}

/** What every client is made with; what is left out here, the SDK finds in its own chain (profile, roles, metadata). */
export function clientSettings(service: AwsService, options: AwsOptions): ClientSettings {
  const { env } = options;
  const endpoint = endpointOf(service, options);
  const region = options.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined);
  const credentials = env.AWS_PROFILE ? undefined : credentialsOf(env);
  return {
    customUserAgent: [['mlops-actions']],
    retryMode: env.AWS_RETRY_MODE || 'adaptive',
    maxAttempts: triesOf(env),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
      // Of itself the SDK passes proxies by.
      ...(hasProxy(env) ? { httpAgent: agentOptions(env), httpsAgent: agentOptions(env) } : {}),
    },
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...(env.AWS_PROFILE ? { profile: env.AWS_PROFILE } : {}),
    ...(credentials ? { credentials } : {}),
  };
}

const hasProxy = (env: NodeJS.ProcessEnv): boolean =>
  ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some((variable) => env[variable]);

const agentOptions = (env: NodeJS.ProcessEnv): AgentOptions => ({
  keepAlive: true,
  maxSockets: 50,
  proxyEnv: env,
});

/** The address to use in place of Amazon's; undefined for Amazon's own. @throws UserError when it is no URL. */
export function endpointOf(service: AwsService, options: AwsOptions): string | undefined {
  const { env } = options;
  if (options.endpoint) return checkedUrl(options.endpoint, 'endpoint');
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined;
  const name = [`AWS_ENDPOINT_URL_${service}`, 'AWS_ENDPOINT_URL'].find((variable) => env[variable]);
  return name && checkedUrl(env[name] ?? '', name);
}

function checkedUrl(text: string, key: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new UserError(`${key} is not the address of a server.`, {
    where: { key },
    fix: 'Write http:// or https:// and a host, e.g. https://minio.example.com:9000.',
  });
}

/** The first link of the SDK's chain, read from the given environment so that a run depends on nothing else. */
function credentialsOf(env: NodeJS.ProcessEnv): StaticCredentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey) return undefined;
  const sessionToken = env.AWS_SESSION_TOKEN;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

function triesOf(env: NodeJS.ProcessEnv): number {
  const text = env.AWS_MAX_ATTEMPTS;
  if (!text) return TRIES;
  if (/^[1-9][0-9]?$/.test(text)) return Number(text);
  throw new UserError('AWS_MAX_ATTEMPTS is not a whole number from 1 to 99.', {
    where: { key: 'AWS_MAX_ATTEMPTS' },
    fix: 'Write the number of tries for each request, or leave it out.',
  });
}
