/**
 * A stateful stand-in for the AWS services that the actions use: SageMaker (json 1.1), STS and a small S3 on one
 * loopback port. It has a clock of its own, so that states pass without waiting; it refuses requests that the service
 * model does not know, and fails when an answer of its own is not of the model.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type AwsCall,
  AwsFault,
  type CallFault,
  loseAnswer,
  signedBy,
} from '../../shared/testing/aws/aws-fault.ts';
import {
  answerS3,
  FAKE_ACCOUNT,
  FAKE_REGION,
  fakeEnvironment,
  newS3World,
  type S3ServerOptions,
} from '../../shared/testing/aws/s3-server.ts';
import type { S3World } from '../../shared/testing/aws/s3-state.ts';
import { readServiceModel, violations } from '../../shared/testing/aws/service-model.ts';
import { readBody, startLoopbackServer } from '../../shared/testing/loopback-server.ts';
import { groupOperations } from './model-package-groups.ts';
import { packageOperations } from './model-packages.ts';
import {
  newSageMakerState,
  type OperationHandler,
  type SageMakerState,
  type SageMakerWorld,
} from './state.ts';
import { tagOperations } from './tags.ts';

export interface FakeAwsOptions extends Omit<S3ServerOptions, 'fault'> {
  /** Decides per call what goes wrong. */
  fault?: (call: AwsCall) => CallFault;
  /** UpdateModelPackage forgets what it is not sent, as moto's does. */
  updateErases?: boolean;
  /** CreateModelPackage knows no ClientToken, as moto's does. */
  ignoresClientToken?: boolean;
}

export interface FakeAws {
  url: string;
  /** Address, region and credentials for a client. */
  env: Record<string, string>;
  state: SageMakerState;
  s3: S3World['state'];
  /** Every call, in order. */
  calls: AwsCall[];
  /** The faults of the fake's own answers; a test ends with none. */
  mistakes: string[];
  /** Lets time pass. */
  advance(milliseconds: number): void;
  close(): Promise<void>;
}

const model = readServiceModel('sagemaker');
/** A module per kind of resource: another (endpoints, training jobs) is one more line. */
const OPERATIONS: Record<string, OperationHandler> = {
  ...groupOperations,
  ...packageOperations,
  ...tagOperations,
};
const START = Date.parse('2026-01-01T00:00:00Z');
/** Each request takes this long by the fake's clock. */
const REQUEST_MS = 1000;

/** Starts the fake on a free port. */
export async function startFakeAws(options: FakeAwsOptions = {}): Promise<FakeAws> {
  let clock = START;
  const now = () => clock;
  const calls: AwsCall[] = [];
  const mistakes: string[] = [];
  const { fault, updateErases = false, ignoresClientToken = false, pageSize = 100 } = options;
  const s3 = newS3World({ buckets: [`sagemaker-${FAKE_REGION}-${FAKE_ACCOUNT}`, 'models'], ...options }, now);
  const state = newSageMakerState();
  const world: SageMakerWorld = {
    ...{ state, now, account: FAKE_ACCOUNT, region: FAKE_REGION, pageSize, updateErases, ignoresClientToken },
  };
  const server = await startLoopbackServer(async (request, response) => {
    clock += REQUEST_MS;
    try {
      if (request.headers['x-amz-target']) await answerSageMaker(request, response, { world, calls, fault });
      else if (/form-urlencoded/.test(request.headers['content-type'] ?? ''))
        await answerSts(request, response, { calls, fault });
      else await answerS3(request, response, { world: s3, calls, fault });
    } catch (error) {
      mistakes.push(String(error));
      throw error;
    }
  });
  return {
    ...{ url: server.url, env: fakeEnvironment(server.url), state, s3: s3.state, calls, mistakes },
    advance: (milliseconds) => {
      clock += milliseconds;
    },
    close: server.close,
  };
}

interface Answering {
  calls: AwsCall[];
  fault: FakeAwsOptions['fault'];
}

async function answerSageMaker(
  request: IncomingMessage,
  response: ServerResponse,
  { world, calls, fault }: Answering & { world: SageMakerWorld },
): Promise<void> {
  const text = (await readBody(request)).toString('utf8');
  const operation = /^SageMaker\.(\w+)$/.exec(String(request.headers['x-amz-target']))?.[1] ?? '';
  const call = { service: 'sagemaker', operation, what: text };
  calls.push(call);
  try {
    if (isCutOff(request, response, fault?.(call) ?? 'none')) return;
    signedBy(request);
    const shapes = model.operations[operation];
    const handle = OPERATIONS[operation];
    if (!shapes || !handle) throw new AwsFault('UnknownOperationException', `The fake knows no ${operation}`);
    const input = JSON.parse(text) as Record<string, unknown>;
    const [wrong] = violations(model, shapes.input?.shape ?? '', input);
    if (wrong) throw new AwsFault('ValidationException', `1 validation error detected: ${wrong}`);
    const output = handle(input, world);
    // Undefined fields are not sent.
    const sent = JSON.parse(JSON.stringify(output ?? {})) as Record<string, unknown>;
    const [mistake] = shapes.output ? violations(model, shapes.output.shape, sent) : [];
    if (mistake) throw new Error(`The fake's own answer to ${operation}: ${mistake}`);
    sendJson11(response, 200, shapes.output ? sent : undefined);
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    sendJson11(response, error.status, { __type: error.code, message: error.message });
  }
}

/** Carries out a fault. @throws AwsFault when it is a refusal. @returns whether the connection is gone already. */
function isCutOff(request: IncomingMessage, response: ServerResponse, wrong: CallFault): boolean {
  if (wrong instanceof AwsFault) throw wrong;
  if (wrong === 'drop-after') loseAnswer(request, response);
  if (wrong !== 'drop-before') return false;
  request.socket.destroy();
  return true;
}

function sendJson11(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': 'fake-request',
  });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

async function answerSts(
  request: IncomingMessage,
  response: ServerResponse,
  { calls, fault }: Answering,
): Promise<void> {
  const body = new URLSearchParams((await readBody(request)).toString('utf8'));
  const operation = body.get('Action') ?? '';
  const call = { service: 'sts', operation, what: body.toString() };
  calls.push(call);
  const answer = (status: number, xml: string) =>
    response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
  try {
    if (isCutOff(request, response, fault?.(call) ?? 'none')) return;
    signedBy(request);
    if (operation !== 'GetCallerIdentity')
      throw new AwsFault('InvalidAction', `The fake knows no ${operation}`);
    const arn = `arn:aws:sts::${FAKE_ACCOUNT}:assumed-role/ci/job`;
    const identity = `<UserId>AROAFAKE:job</UserId><Account>${FAKE_ACCOUNT}</Account><Arn>${arn}</Arn>`;
    const result = `<GetCallerIdentityResult>${identity}</GetCallerIdentityResult>`;
    answer(200, `<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`);
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    const text = `<Type>Sender</Type><Code>${error.code}</Code><Message>${error.message}</Message>`;
    answer(error.status, `<ErrorResponse><Error>${text}</Error><RequestId>fake</RequestId></ErrorResponse>`);
  }
}
