/**
 * The protocols of the services, by their models: json 1.1 and 1.0 (SageMaker, Application Auto Scaling, CloudWatch
 * for the SDK of JavaScript), rpc-v2-cbor (CloudWatch for boto3) and rest-json (the runtime of endpoints).
 */
import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import { CborTimestamp, decodeCbor, encodeCbor } from '../../shared/testing/aws/cbor.ts';
import {
  type ModelledService,
  readServiceModel,
  type ServiceModel,
  shapeOf,
  violations,
} from '../../shared/testing/aws/service-model.ts';
import type { ExchangeRequest, ExchangeResponse } from '../../shared/testing/http-exchange.ts';

export const SERVICES = [
  'sagemaker',
  'sagemaker-runtime',
  'cloudwatch',
  'application-autoscaling',
  'logs',
] as const;
export type FakeService = (typeof SERVICES)[number];

const models = new Map<ModelledService, ServiceModel>();

/** The model of a service, read once. */
export function modelOf(service: FakeService): ServiceModel {
  const model = models.get(service) ?? readServiceModel(service);
  models.set(service, model);
  return model;
}

const TARGETS: Record<string, FakeService> = {
  SageMaker: 'sagemaker',
  GraniteServiceVersion20100801: 'cloudwatch',
  AnyScaleFrontendService: 'application-autoscaling',
  Logs_20140328: 'logs',
};

export interface ServiceCall {
  service: FakeService;
  operation: string;
  protocol: 'json' | 'cbor' | 'rest-json';
  /** Its input. @throws AwsFault when the body cannot be read. */
  read(body: Buffer): Record<string, unknown>;
}

/** What a request asks; undefined when it is for none of these services. */
export function callOf(request: ExchangeRequest): ServiceCall | undefined {
  const [, target, named = ''] = /^(\w+)\.(\w+)$/.exec(String(request.headers['x-amz-target'] ?? '')) ?? [];
  if (target !== undefined) {
    const service = TARGETS[target] ?? 'sagemaker';
    return {
      service,
      operation: named,
      protocol: 'json',
      read: (body) => parsed(() => JSON.parse(body.toString())),
    };
  }
  const [, granite, operation = ''] = /^\/service\/(\w+)\/operation\/(\w+)$/.exec(request.url ?? '') ?? [];
  if (granite !== undefined && request.headers['smithy-protocol'] === 'rpc-v2-cbor')
    return {
      service: 'cloudwatch',
      operation,
      protocol: 'cbor',
      read: (body) => parsed(() => decodeCbor(body)),
    };
  const [, endpoint] = /^\/endpoints\/([^/?]+)\/invocations$/.exec(request.url ?? '') ?? [];
  if (endpoint === undefined || request.method !== 'POST') return undefined;
  const read = (body: Buffer) => ({
    EndpointName: decodeURIComponent(endpoint),
    Body: body,
    ...headers(request),
  });
  return { service: 'sagemaker-runtime', operation: 'InvokeEndpoint', protocol: 'rest-json', read };
}

function parsed(read: () => unknown): Record<string, unknown> {
  try {
    return read() as Record<string, unknown>;
  } catch (error) {
    throw new AwsFault('SerializationException', String(error));
  }
}

/** The members of an invocation that are headers; one of the service's that the model does not have is refused. */
function headers(request: ExchangeRequest): Record<string, string> {
  const members = Object.entries(modelOf('sagemaker-runtime').shapes.InvokeEndpointInput?.members ?? {});
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    const [member] = members.find(([, { locationName }]) => locationName?.toLowerCase() === name) ?? [];
    if (member) found[member] = String(value);
    else if (name.startsWith('x-amzn-sagemaker-'))
      throw new AwsFault('ValidationError', `InvokeEndpoint knows no header ${name}.`);
  }
  return found;
}

/** @throws AwsFault when the model has no such operation, or the input is not of it. */
export function checkInput({ service, operation }: ServiceCall, input: Record<string, unknown>): void {
  const model = modelOf(service);
  const shapes = model.operations[operation];
  if (!shapes) throw new AwsFault('UnknownOperationException', `The fake knows no ${operation}`);
  const [wrong] = violations(model, shapes.input?.shape ?? '', input);
  if (!wrong) return;
  const code = {
    cloudwatch: 'InvalidParameterValueException',
    logs: 'InvalidParameterException',
    'sagemaker-runtime': 'ValidationError',
  };
  const message = `1 validation error detected: ${wrong}`;
  throw new AwsFault((code as Record<string, string>)[service] ?? 'ValidationException', message);
}

/** @throws Error when the answer is not of the model: a mistake of the fake. */
export function sendOutput(
  response: ExchangeResponse,
  call: ServiceCall,
  output: Record<string, unknown>,
): void {
  const model = modelOf(call.service);
  const shape = model.operations[call.operation]?.output?.shape;
  const sent = withoutUndefined(output) as Record<string, unknown>;
  const [mistake] = shape ? violations(model, shape, sent) : Object.keys(sent);
  if (mistake) throw new Error(`The fake's own answer to ${call.operation}: ${mistake}`);
  if (call.protocol === 'rest-json') {
    const { Body, ...rest } = sent;
    const named = shapeOf(model, shape!).members ?? {};
    for (const [member, value] of Object.entries(rest))
      response.setHeader(named[member]?.locationName ?? member, String(value));
    response.writeHead(200, { 'x-amzn-requestid': 'fake-request' });
    response.end(Body as Uint8Array);
    return;
  }
  if (call.protocol === 'cbor') sendCbor(response, 200, shape ? timed(model, shape, sent) : {});
  else sendJson(response, 200, shape ? sent : undefined, jsonType(call));
}

export function sendFault(response: ExchangeResponse, call: ServiceCall, fault: AwsFault): void {
  const declared = modelOf(call.service).shapes[fault.code];
  const status = declared?.error?.httpStatusCode ?? fault.status;
  const old = declared?.error?.code;
  if (old !== undefined)
    response.setHeader('x-amzn-query-error', `${old};${status < 500 ? 'Sender' : 'Receiver'}`);
  for (const [name, value] of Object.entries(fault.headers)) response.setHeader(name, value);
  const message = declared?.members?.Message ? { Message: fault.message } : { message: fault.message };
  if (call.protocol === 'cbor') sendCbor(response, status, { __type: fault.code, ...message });
  else if (call.protocol === 'json')
    sendJson(response, status, { __type: fault.code, ...message }, jsonType(call));
  else {
    response.setHeader('x-amzn-errortype', fault.code);
    sendJson(response, status, { ...message, ...fault.details }, 'application/json');
  }
}

const jsonType = ({ service }: ServiceCall): string =>
  `application/x-amz-json-${service === 'cloudwatch' ? '1.0' : '1.1'}`;

function sendJson(response: ExchangeResponse, status: number, body: unknown, type: string): void {
  response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'fake-request' });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

function sendCbor(response: ExchangeResponse, status: number, body: unknown): void {
  const bytes = encodeCbor(body);
  const type = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };
  response.writeHead(status, { ...type, 'content-length': bytes.length, 'x-amzn-requestid': 'fake-request' });
  response.end(bytes);
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(entries.map(([name, entry]) => [name, withoutUndefined(entry)]));
}

/** The same value with its timestamps as CBOR has them. */
function timed(model: ServiceModel, shapeName: string, value: unknown): unknown {
  const shape = shapeOf(model, shapeName);
  if (shape.type === 'timestamp') return new CborTimestamp(Number(value));
  if (shape.type === 'list')
    return (value as unknown[]).map((entry) => timed(model, shape.member!.shape, entry));
  if (shape.type !== 'structure') return value;
  const entries = Object.entries(value as object);
  return Object.fromEntries(
    entries.map(([name, entry]) => [name, timed(model, shape.members![name]!.shape, entry)]),
  );
}
