/**
 * A stateful stand-in for the AWS services that the actions use, on one loopback port: SageMaker with endpoints and
 * their runtime, CloudWatch, Application Auto Scaling, STS and a small S3. It has a clock of its own, so that states
 * pass without waiting; it refuses requests that the service models do not know, and fails when an answer of its own is
 * not of the model. What a test may ask of it is in interface.ts.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsFault, isCutOff, signedBy } from '../../shared/testing/aws/aws-fault.ts';
import {
  answerS3,
  FAKE_ACCOUNT,
  FAKE_REGION,
  fakeEnvironment,
  newS3World,
} from '../../shared/testing/aws/s3-server.ts';
import { readBody, startLoopbackServer } from '../../shared/testing/loopback-server.ts';
import { alarmOperations } from './alarms.ts';
import { seededDraw, servingNow } from './behaviour.ts';
import { newClock } from './clock.ts';
import { endpointOperations } from './endpoints.ts';
import type { FakeAws, FakeAwsOptions } from './interface.ts';
import { metricOperations } from './metric-data.ts';
import { MINUTE } from './metric-store.ts';
import { groupOperations } from './model-package-groups.ts';
import { packageOperations } from './model-packages.ts';
import { configOperations, modelOperations } from './models.ts';
import {
  callOf,
  checkInput,
  type FakeService,
  type ServiceCall,
  sendFault,
  sendOutput,
} from './protocols.ts';
import { scalingOperations } from './scaling.ts';
import { newSageMakerState, type OperationHandler, type SageMakerWorld } from './state.ts';
import { answerSts, sendStsFault } from './sts.ts';
import { tagOperations } from './tags.ts';
import { invokeEndpoint } from './traffic.ts';

export type { FakeAws, FakeAwsOptions } from './interface.ts';

/** A module per kind of resource: another (training jobs) is one more line. */
const OPERATIONS: Record<FakeService, Record<string, OperationHandler>> = {
  sagemaker: {
    ...groupOperations,
    ...packageOperations,
    ...modelOperations,
    ...configOperations,
    ...endpointOperations,
    ...tagOperations,
  },
  'sagemaker-runtime': { InvokeEndpoint: invokeEndpoint },
  cloudwatch: { ...metricOperations, ...alarmOperations },
  'application-autoscaling': scalingOperations,
};
const START = Date.parse('2026-01-01T00:00:00Z');
/** Each request takes this long by the fake's clock. */
const REQUEST_MS = 1000;
const TIMES = { launchMs: 180_000, weightsMs: 30_000, rollbackMs: 60_000, deleteMs: 30_000 };

/** Starts the fake on a free port. */
export async function startFakeAws(options: FakeAwsOptions = {}): Promise<FakeAws> {
  const clock = newClock(START, options.trafficPerMinute ?? 0);
  const answering: Answering = { calls: [], fault: options.fault };
  const mistakes: string[] = [];
  const s3 = newS3World(
    { buckets: [`sagemaker-${FAKE_REGION}-${FAKE_ACCOUNT}`, 'models'], ...options },
    clock.now,
  );
  const world = newWorld(options, clock.now);
  const server = await startLoopbackServer(async (request, response) => {
    clock.advance(REQUEST_MS, world);
    try {
      const call = callOf(request);
      if (call) await answerCall(request, response, call, { ...answering, world });
      else if (/form-urlencoded/.test(request.headers['content-type'] ?? ''))
        await answerForm(request, response, answering);
      else await answerS3(request, response, { ...answering, world: s3 });
    } catch (error) {
      mistakes.push(String(error));
      throw error;
    }
  });
  const { state, hazards } = world;
  return {
    ...{ url: server.url, env: fakeEnvironment(server.url), state, s3: s3.state },
    ...{ calls: answering.calls, mistakes, hazards, now: clock.now },
    advance: (milliseconds) => clock.advance(milliseconds, world),
    setTraffic: (requestsPerMinute) => {
      clock.requestsPerMinute = requestsPerMinute;
    },
    simulate: ({ minutes, requestsPerMinute }) => {
      const before = clock.requestsPerMinute;
      clock.requestsPerMinute = requestsPerMinute;
      clock.advance(minutes * MINUTE, world);
      clock.requestsPerMinute = before;
    },
    behave: (model, behaviour) => {
      world.behaviours.push([model, behaviour]);
    },
    fate: (name, fate) => {
      const change = state.endpoints.get(name)?.change;
      if (change?.fate !== 'hangs') world.fates.set(name, fate);
      else Object.assign(change, { fate, stageStartedAt: clock.now() });
    },
    systemUpdate: (name, milliseconds) => {
      const at = clock.now();
      const stages = [{ status: 'Updating' as const, milliseconds, share: 0 }];
      const change = {
        kind: 'system' as const,
        fate: 'succeeds' as const,
        alarms: [],
        deadline: Infinity,
        stages,
      };
      Object.assign(state.endpoints.get(name)!, {
        status: 'SystemUpdating',
        change: { ...change, startedAt: at, stageStartedAt: at },
      });
    },
    serving: (name) => {
      const endpoint = state.endpoints.get(name);
      const all = endpoint ? servingNow(endpoint) : [];
      return all.filter(({ share }) => share > 0).map(({ instances: _, ...variant }) => variant);
    },
    close: server.close,
  };
}

function newWorld(options: FakeAwsOptions, now: () => number): SageMakerWorld {
  const { updateErases = false, ignoresClientToken = false, pageSize = 100, invisibleMs = 0 } = options;
  const { metricDelayMs = MINUTE, instanceLimit = Infinity, seed = 1 } = options;
  return {
    ...{ state: newSageMakerState(), now, account: FAKE_ACCOUNT, region: FAKE_REGION, pageSize },
    ...{ updateErases, ignoresClientToken, invisibleMs, metricDelayMs, instanceLimit },
    ...{ draw: seededDraw(seed), hazards: [], behaviours: [], fates: new Map() },
    times: { ...TIMES, ...options.times },
  };
}

interface Answering {
  calls: FakeAws['calls'];
  fault: FakeAwsOptions['fault'];
}

async function answerCall(
  request: IncomingMessage,
  response: ServerResponse,
  called: ServiceCall,
  { calls, fault, world }: Answering & { world: SageMakerWorld },
): Promise<void> {
  const body = await readBody(request);
  const { service, operation } = called;
  try {
    const input = called.read(body);
    const call = { service, operation, what: JSON.stringify(input) };
    calls.push(call);
    if (isCutOff(request, response, (await fault?.(call)) ?? 'none')) return;
    signedBy(request);
    checkInput(called, input);
    const handle = OPERATIONS[service][operation];
    if (!handle) throw new AwsFault('UnknownOperationException', `The fake knows no ${operation}`);
    sendOutput(response, called, handle(input, world) ?? {});
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    sendFault(response, called, error);
  }
}

async function answerForm(
  request: IncomingMessage,
  response: ServerResponse,
  { calls, fault }: Answering,
): Promise<void> {
  const body = new URLSearchParams((await readBody(request)).toString('utf8'));
  const call = { service: 'sts', operation: body.get('Action') ?? '', what: body.toString() };
  calls.push(call);
  try {
    if (isCutOff(request, response, (await fault?.(call)) ?? 'none')) return;
    signedBy(request);
    answerSts(response, call.operation);
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    sendStsFault(response, error);
  }
}
