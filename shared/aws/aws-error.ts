import { UserError } from '../errors.ts';

/** What was being done when AWS refused: the words of the error. */
export interface Doing {
  /** Fits after "AWS refused to", e.g. `read s3://models/churn/manifest.json`. */
  what: string;
  /** The IAM action it needs, e.g. `s3:GetObject`. */
  permission: string;
  /** What the permission is needed on, for people. */
  resource: string;
  bucket?: string;
}

/** The parts of the SDK's exceptions that are looked at. Their `$response` holds signed headers: it is never kept. */
interface ServiceError {
  name: string;
  message: string;
  code?: unknown;
  Code?: unknown;
  Region?: unknown;
  $metadata?: { httpStatusCode?: number; requestId?: string };
  $response?: { headers?: Record<string, string> };
}

const EXPIRED = /^(ExpiredToken(Exception)?|RequestExpired|TokenRefreshRequired)$/;
const NOT_KNOWN =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|InvalidToken|IncompleteSignature(Exception)?|MissingAuthenticationToken(Exception)?|NotAuthorized)$/;
const DENIED = /^(AccessDenied(Exception)?|AllAccessDisabled|Forbidden|403|UnauthorizedOperation)$/;
const WRONG_REGION =
  /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException|301)$/;
const SLOW =
  /^(Throttling(Exception)?|ThrottledException|TooManyRequestsException|SlowDown|RequestLimitExceeded)$/;
const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError|NetworkingError)$/;

/** What AWS refused, for people; `code` is for code that knows how to go on. */
export class AwsError extends UserError {
  /** The name that AWS gives to the failure, e.g. `NoSuchKey`; the number of the answer where it has none. */
  readonly code: string;
  /** The text that AWS gave. */
  readonly said: string;

  constructor(what: string, options: { fix: string; cause: Error; code: string; said: string }) {
    super(what, options);
    this.code = options.code;
    this.said = options.said;
  }
}

/** The name that AWS gives to a failure, e.g. `NoSuchKey`; the number of the answer where it has none. */
export function errorCode(error: unknown): string {
  if (error instanceof AwsError) return error.code;
  if (!(error instanceof Error)) return '';
  const { name, code, Code, $metadata } = error as unknown as ServiceError;
  if (typeof Code === 'string') return Code;
  // A HEAD is answered without a body, so that there is only the number.
  const isNameless = /^(UnknownError|Unknown|Error|NotFound|S3ServiceException)$/.test(name);
  if (isNameless && $metadata?.httpStatusCode) return String($metadata.httpStatusCode);
  return isNameless && typeof code === 'string' ? code : name;
}

/** Whether the credentials were good once and are not any more. */
export const isExpired = (error: unknown): boolean => EXPIRED.test(errorCode(error));

/** Whether the credentials may not do this. */
export const isDenied = (error: unknown): boolean => DENIED.test(errorCode(error));

/** Whether the same request may succeed later: nothing is wrong with it. */
export function isPassing(error: unknown): boolean {
  const status = error instanceof Error ? (error as unknown as ServiceError).$metadata?.httpStatusCode : 0;
  return (status ?? 0) >= 500 || SLOW.test(errorCode(error)) || UNREACHABLE.test(errorCode(error));
}

/**
 * Turns what the SDK throws into words for people: what was refused and how to mend it. Never a secret: of the SDK's
 * exception only its name, message and request number are kept, and secrets of the environment are taken out of them.
 */
export function awsError(error: unknown, doing: Doing, env: NodeJS.ProcessEnv): unknown {
  if (error instanceof UserError || !(error instanceof Error) || error.name === 'AbortError') return error;
  const code = errorCode(error);
  const text = withoutSecrets(error.message, env);
  const { $metadata, $response, Region } = error as unknown as ServiceError;
  const cause = new Error(`${code}: ${text} (request ${$metadata?.requestId ?? 'without a number'})`);
  const say = (what: string, fix: string) => new AwsError(what, { fix, cause, code, said: text });
  if (EXPIRED.test(code)) {
    return say(
      `The AWS credentials expired before they could ${doing.what}.`,
      'Run the job again; for longer ones raise role-duration-seconds where the role is assumed.',
    );
  }
  if (NOT_KNOWN.test(code)) {
    return say(
      `AWS does not accept the credentials to ${doing.what} (${code}).`,
      'Check the step that assumes the role, and that keys, session token and region belong together.',
    );
  }
  if (/^(CredentialsProviderError|TokenProviderError)$/.test(error.name) || /credential/i.test(code)) {
    return say(
      `There are no AWS credentials to ${doing.what}.`,
      'Assume a role before this step (aws-actions/configure-aws-credentials), or set AWS_PROFILE.',
    );
  }
  if (/region is missing/i.test(error.message)) return regionMissing();
  if (DENIED.test(code) || code === '401') {
    return say(
      `AWS does not allow these credentials to ${doing.what}${said(text)}.`,
      `Allow ${doing.permission} on ${doing.resource} to the role that runs this job.`,
    );
  }
  if (code === 'NoSuchBucket') {
    return say(
      `There is no bucket ${doing.bucket ?? ''} to ${doing.what}.`,
      'Create it in the region of this job, or name another in artifacts.',
    );
  }
  if (WRONG_REGION.test(code)) {
    const region = $response?.headers?.['x-amz-bucket-region'] ?? (typeof Region === 'string' ? Region : '');
    return say(
      `The bucket ${doing.bucket ?? ''} is in ${region ? `the region ${region}` : 'another region'}, so AWS refused to ${doing.what}.`,
      `Set AWS_REGION to ${region || "the bucket's region"}, or use a bucket of this region.`,
    );
  }
  if (SLOW.test(code)) {
    return say(
      `AWS was asked too often to ${doing.what}, and still is after every retry.`,
      'Run again later, or raise AWS_MAX_ATTEMPTS.',
    );
  }
  if (UNREACHABLE.test(code)) {
    return say(
      `The AWS service could not be reached to ${doing.what} (${code}).`,
      'Check the network, the proxy, the region, and AWS_ENDPOINT_URL where it is set.',
    );
  }
  if (error instanceof SyntaxError || /parse error|Deserialization error/.test(error.message)) {
    return say(
      `What answered when asked to ${doing.what} does not speak as AWS does.`,
      'Check AWS_ENDPOINT_URL, and that a proxy does not answer in its place.',
    );
  }
  if ($metadata === undefined) return error;
  return say(
    `AWS refused to ${doing.what} (${code})${said(text)}.`,
    'Mend what AWS names, or look the request up in CloudTrail.',
  );
}

export function regionMissing(): UserError {
  return new UserError('No AWS region is set.', {
    fix: 'Set AWS_REGION, e.g. by the aws-region of aws-actions/configure-aws-credentials.',
  });
}

const said = (text: string): string =>
  text && text !== 'UnknownError' ? `: ${text.replace(/\.$/, '')}` : '';

function withoutSecrets(text: string, env: NodeJS.ProcessEnv): string {
  const secrets = [env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN, env.AWS_ACCESS_KEY_ID];
  const shown = secrets.flatMap((secret) => (secret ? [secret, encodeURIComponent(secret)] : []));
  return shown.reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
