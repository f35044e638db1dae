import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a service answers when it refuses; thrown by the operations of the fakes. */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(code: string, message: string, status = 400, headers: Record<string, string> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

/** One request as tests see it. */
export interface AwsCall {
  /** `s3`, `sagemaker` or `sts`. */
  service: string;
  operation: string;
  /** `METHOD /path` in S3, else the operation's input as JSON. */
  what: string;
}

/** What goes wrong with a call: nothing, a lost connection before or after the work is done, or a refusal. */
export type CallFault = 'none' | 'drop-before' | 'drop-after' | AwsFault;

/** The work is done, and the answer is lost. */
export function loseAnswer(request: IncomingMessage, response: ServerResponse): void {
  response.end = (() => {
    request.socket.destroy();
    return response;
  }) as typeof response.end;
}

/** Region and access key that a request was signed with. @throws AwsFault when it was not signed. */
export function signedBy(request: IncomingMessage): { accessKeyId: string; region: string } {
  const header = request.headers.authorization ?? '';
  const [, accessKeyId = '', region = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/[^/]+\/aws4_request/.exec(header) ?? [];
  if (!accessKeyId)
    throw new AwsFault('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  return { accessKeyId, region };
}
