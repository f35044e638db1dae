import type { ExchangeRequest, ExchangeResponse } from '../http-exchange.ts';

/** What a service answers when it refuses; thrown by the operations of the fakes. */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Further members of the error, where its shape has any. */
  readonly details: Record<string, unknown> = {};

  constructor(code: string, message: string, status = 400, headers: Record<string, string> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

/** One request as tests see it. */
export interface AwsCall {
  /** `s3`, `sts`, or the name of a service model in `fixtures/aws`. */
  service: string;
  operation: string;
  /** `METHOD /path` in S3, else the operation's input as JSON. */
  what: string;
}

/**
 * What goes wrong with a call: nothing; a connection that is lost, or never answers, before or after the work is done;
 * or a refusal.
 */
export type CallFault = 'none' | 'drop-before' | 'drop-after' | 'hang-before' | 'hang-after' | AwsFault;

/** Carries out a fault. @throws AwsFault when it is a refusal. @returns whether nothing more is to be done. */
export function isCutOff(request: ExchangeRequest, response: ExchangeResponse, wrong: CallFault): boolean {
  if (wrong instanceof AwsFault) throw wrong;
  if (wrong === 'drop-before') request.socket.destroy();
  if (wrong === 'drop-after' || wrong === 'hang-after') loseAnswer(request, response, wrong);
  return wrong === 'drop-before' || wrong === 'hang-before';
}

/** The work is done, and the answer is lost. */
function loseAnswer(
  request: ExchangeRequest,
  response: ExchangeResponse,
  how: 'drop-after' | 'hang-after',
): void {
  response.writeHead = () => response;
  response.end = () => {
    if (how === 'drop-after') request.socket.destroy();
    return response;
  };
}

/** Region and access key that a request was signed with. @throws AwsFault when it was not signed. */
export function signedBy(request: ExchangeRequest): { accessKeyId: string; region: string } {
  const header = request.headers.authorization ?? '';
  const [, accessKeyId = '', region = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/[^/]+\/aws4_request/.exec(header) ?? [];
  if (!accessKeyId)
    throw new AwsFault('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  return { accessKeyId, region };
}
