/** Answers one request to any of the fake's services. */
import { AwsFault, isCutOff, signedBy } from '../../shared/testing/aws/aws-fault.ts';
import { answerS3 } from '../../shared/testing/aws/s3-server.ts';
import type { S3World } from '../../shared/testing/aws/s3-state.ts';
import type { ExchangeRequest, ExchangeResponse } from '../../shared/testing/http-exchange.ts';
import { readBody } from '../../shared/testing/loopback-server.ts';
import { alarmOperations } from './alarms.ts';
import { endpointOperations } from './endpoints.ts';
import type { FakeAws, FakeAwsOptions } from './interface.ts';
import { logOperations } from './logs.ts';
import { metricOperations } from './metric-data.ts';
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
import type { OperationHandler, SageMakerWorld } from './state.ts';
import { answerSts, sendStsFault } from './sts.ts';
import { tagOperations } from './tags.ts';
import { invokeEndpoint } from './traffic.ts';
import { trainingOperations } from './training-jobs.ts';

/** A module per kind of resource. */
const OPERATIONS: Record<FakeService, Record<string, OperationHandler>> = {
  sagemaker: {
    ...groupOperations,
    ...packageOperations,
    ...modelOperations,
    ...configOperations,
    ...endpointOperations,
    ...tagOperations,
    ...trainingOperations,
  },
  'sagemaker-runtime': { InvokeEndpoint: invokeEndpoint },
  cloudwatch: { ...metricOperations, ...alarmOperations },
  'application-autoscaling': scalingOperations,
  logs: logOperations,
};

export interface Answering {
  world: SageMakerWorld;
  s3: S3World;
  calls: FakeAws['calls'];
  fault: FakeAwsOptions['fault'];
}

/** @throws Error for a mistake of the fake. */
export async function answer(
  request: ExchangeRequest,
  response: ExchangeResponse,
  answering: Answering,
): Promise<void> {
  const call = callOf(request);
  if (call) await answerCall(request, response, call, answering);
  else if (/form-urlencoded/.test(request.headers['content-type'] ?? ''))
    await answerForm(request, response, answering);
  else await answerS3(request, response, { ...answering, world: answering.s3 });
}

async function answerCall(
  request: ExchangeRequest,
  response: ExchangeResponse,
  called: ServiceCall,
  { calls, fault, world }: Answering,
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
  request: ExchangeRequest,
  response: ExchangeResponse,
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
