/**
 * A small S3 in memory on a loopback port: sha256 checksums, conditional writes, uploads in parts, pages. Requests
 * and answers are checked against the service model.
 */
import type { ExchangeRequest, ExchangeResponse } from '../http-exchange.ts';
import { readBody, startLoopbackServer } from '../loopback-server.ts';
import { type AwsCall, AwsFault, type CallFault, isCutOff, signedBy } from './aws-fault.ts';
import { readS3Request, writeS3Answer, writeS3Fault } from './s3-protocol.ts';
import { type FakeObject, S3_OPERATIONS, type S3State, type S3World } from './s3-state.ts';

export interface S3ServerOptions {
  /** Buckets that are there, or bucket to region. Default: `models`. */
  buckets?: string[] | Record<string, string>;
  /** False: a server that knows no If-Match on writes, as some that speak like S3. */
  conditionalWrites?: boolean;
  pageSize?: number;
  /** Decides per request what goes wrong. */
  fault?: (call: AwsCall) => CallFault | Promise<CallFault>;
}

export interface S3Server {
  url: string;
  /** Address, region and credentials for a client. */
  env: Record<string, string>;
  /** By `bucket/key`. */
  objects: Map<string, FakeObject>;
  uploads: S3State['uploads'];
  calls: AwsCall[];
  close(): Promise<void>;
}

export const FAKE_ACCOUNT = '123456789012';
export const FAKE_REGION = 'eu-central-1';

/** Starts the server on a free port. */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const world = newS3World(options);
  const calls: AwsCall[] = [];
  const server = await startLoopbackServer((request, response) =>
    answerS3(request, response, { world, calls, fault: options.fault }),
  );
  return {
    url: server.url,
    env: fakeEnvironment(server.url),
    objects: world.state.objects,
    uploads: world.state.uploads,
    calls,
    close: server.close,
  };
}

export function fakeEnvironment(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: FAKE_REGION,
    AWS_ACCESS_KEY_ID: 'AKIAFAKEFAKEFAKEFAKE',
    AWS_SECRET_ACCESS_KEY: 'fake-secret-access-key',
  };
}

export function newS3World(options: S3ServerOptions, now: () => number = Date.now): S3World {
  const { buckets = ['models'], conditionalWrites = true, pageSize = 1000 } = options;
  const regions = Array.isArray(buckets)
    ? buckets.map((name) => [name, FAKE_REGION] as const)
    : Object.entries(buckets);
  const state = { buckets: new Map(regions), objects: new Map(), uploads: new Map() };
  return { state, now, account: FAKE_ACCOUNT, region: FAKE_REGION, conditionalWrites, pageSize };
}

/** Answers one request to S3. */
export async function answerS3(
  request: ExchangeRequest,
  response: ExchangeResponse,
  { world, calls, fault }: { world: S3World; calls: AwsCall[]; fault?: S3ServerOptions['fault'] },
): Promise<void> {
  const body = await readBody(request);
  try {
    const { operation, input } = readS3Request(request, body);
    const call = { service: 's3', operation, what: `${request.method} ${request.url}` };
    calls.push(call);
    if (isCutOff(request, response, (await fault?.(call)) ?? 'none')) return;
    admit(request, operation, input, world);
    const output = S3_OPERATIONS[operation]?.(input as Parameters<(typeof S3_OPERATIONS)[string]>[0], world);
    if (!output) throw new AwsFault('NotImplemented', `The fake knows no ${operation}`, 501);
    writeS3Answer(response, operation, output);
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    if (request.method === 'HEAD') response.writeHead(error.status, error.headers).end();
    else writeS3Fault(response, error);
  }
}

function admit(
  request: ExchangeRequest,
  operation: string,
  { Bucket, ExpectedBucketOwner }: { Bucket: string; ExpectedBucketOwner?: unknown },
  { state, account }: S3World,
): void {
  const { region } = signedBy(request);
  if (operation === 'CreateBucket') return;
  const own = state.buckets.get(Bucket);
  if (own === undefined) throw new AwsFault('NoSuchBucket', 'The specified bucket does not exist', 404);
  if (own !== region) {
    const headers = { 'x-amz-bucket-region': own };
    throw new AwsFault('PermanentRedirect', 'The bucket must be addressed at its own endpoint', 301, headers);
  }
  if (ExpectedBucketOwner !== undefined && ExpectedBucketOwner !== account)
    throw new AwsFault('AccessDenied', 'Access Denied', 403);
}
