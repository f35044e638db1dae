/** S3's requests and answers in the words of its service model: what is not in the model is refused. */
import type { ExchangeRequest, ExchangeResponse } from '../http-exchange.ts';
import { AwsFault } from './aws-fault.ts';
import type { S3Output } from './s3-state.ts';
import { type Member, readServiceModel, shapeOf, violations } from './service-model.ts';
import { escapeXml, fromXml, toXml } from './xml.ts';

const model = readServiceModel('s3');

/** Headers of the protocol itself, which no operation names. */
const OF_THE_PROTOCOL =
  /^x-amz-(date|content-sha256|security-token|user-agent|trailer|decoded-content-length|sdk-request|sdk-invocation-id|te)$/;
/** The checks of clients that are not sha256. */
const OTHER_CHECKS = /^x-amz-(checksum-crc32|sdk-checksum-algorithm)$/;

export interface S3Request {
  operation: string;
  input: Record<string, unknown> & { Bucket: string };
}

/** Which operation a request is, and its input. @throws AwsFault when it does not agree with the model. */
export function readS3Request(request: ExchangeRequest, body: Buffer): S3Request {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, Bucket = '', Key] = /^\/([^/]*)\/?(.+)?$/s.exec(decodeURIComponent(url.pathname)) ?? [];
  const operation = operationOf(request.method ?? 'GET', url.searchParams, Key !== undefined);
  const inputShape = model.operations[operation]?.input?.shape ?? '';
  const shape = shapeOf(model, inputShape);
  const members = Object.entries(shape.members ?? {});
  const at = (location: Member['location'], name: string) =>
    members.find(
      ([, member]) =>
        member.location === location && member.locationName?.toLowerCase() === name.toLowerCase(),
    );
  const input: S3Request['input'] = { Bucket, ...(Key === undefined ? {} : { Key }) };
  const own = new URL(model.operations[operation]?.http.requestUri ?? '/', 'http://localhost').searchParams;
  for (const [name, value] of url.searchParams) {
    if (own.has(name) || name === 'x-id') continue;
    const [member, { shape: of }] = at('querystring', name) ?? notInModel(operation, `the query ${name}`);
    input[member] = scalar(of, value);
  }
  const metadata: Record<string, string> = {};
  for (const [name, value = ''] of Object.entries(request.headers)) {
    const text = String(value);
    const found = at('header', name);
    if (found) input[found[0]] = scalar(found[1].shape, text);
    else if (name.startsWith('x-amz-meta-')) metadata[name.slice('x-amz-meta-'.length)] = text;
    else if (name.startsWith('x-amz-') && !OF_THE_PROTOCOL.test(name) && !OTHER_CHECKS.test(name))
      notInModel(operation, `the header ${name}`);
  }
  if (Object.keys(metadata).length > 0) input.Metadata = metadata;
  const payload = shape.payload && shape.members?.[shape.payload];
  if (payload && body.length > 0) {
    const isBytes = shapeOf(model, payload.shape).type === 'blob';
    input[shape.payload ?? ''] = isBytes ? body : fromXml(model, payload.shape, body.toString('utf8'));
  }
  const [wrong] = violations(model, inputShape, input);
  if (wrong) throw new AwsFault('InvalidRequest', `${operation}: ${wrong}`);
  return { operation, input };
}

function operationOf(method: string, query: URLSearchParams, hasKey: boolean): string {
  const candidates = Object.entries(model.operations).filter(([, { http }]) => {
    const { pathname, searchParams } = new URL(http.requestUri, 'http://localhost');
    return (
      http.method === method &&
      pathname.includes('Key') === hasKey &&
      [...searchParams].every(
        ([name, value]) => query.has(name) && (value === '' || query.get(name) === value),
      )
    );
  });
  // Of those that fit, the one whose address says most: `?uploads` before none.
  const [best] = candidates.sort(([nameA, a], [nameB, b]) => {
    return weight(nameB, b.http.requestUri, query) - weight(nameA, a.http.requestUri, query);
  });
  if (!best) throw new AwsFault('MethodNotAllowed', 'The method is not allowed against this resource.', 405);
  return best[0];
}

/** Some operations are told apart by a required member of the query alone. */
function weight(operation: string, uri: string, query: URLSearchParams): number {
  const shape = shapeOf(model, model.operations[operation]?.input?.shape ?? '');
  const needed = (shape.required ?? []).flatMap((name) => {
    const member = shape.members?.[name];
    return member?.location === 'querystring' ? (member.locationName ?? name) : [];
  });
  if (!needed.every((name) => query.has(name))) return -1;
  return needed.length + (uri.split('?')[1] ?? '').length;
}

function notInModel(operation: string, what: string): never {
  throw new AwsFault('InvalidRequest', `${operation} knows no such thing as ${what}.`);
}

function scalar(shapeName: string, text: string): unknown {
  const { type } = shapeOf(model, shapeName);
  if (type === 'integer' || type === 'long') return Number(text);
  if (type === 'timestamp') return Date.parse(text);
  return type === 'boolean' ? text === 'true' : text;
}

/** @throws Error when the answer is not of the model: a mistake of the fake. */
export function writeS3Answer(response: ExchangeResponse, operation: string, output: S3Output): void {
  const outputShape = model.operations[operation]?.output?.shape;
  if (!outputShape) {
    response.writeHead(operation.startsWith('Delete') || operation.startsWith('Abort') ? 204 : 200).end();
    return;
  }
  const [wrong] = violations(model, outputShape, output);
  if (wrong) throw new Error(`The fake's own answer to ${operation}: ${wrong}`);
  const shape = shapeOf(model, outputShape);
  response.statusCode = operation === 'DeleteObject' || operation.startsWith('Abort') ? 204 : 200;
  for (const [name, { location, locationName = name, shape: of }] of Object.entries(shape.members ?? {})) {
    const value = output[name];
    if (value === undefined) continue;
    if (location === 'headers')
      for (const [key, text] of Object.entries(value as object))
        response.setHeader(locationName + key, String(text));
    if (location !== 'header') continue;
    const isTime = shapeOf(model, of).type === 'timestamp';
    response.setHeader(locationName, isTime ? new Date(value as number).toUTCString() : String(value));
  }
  if (output.Body || operation === 'HeadObject') {
    response.end(output.Body);
    return;
  }
  const root =
    { ListObjectsV2: 'ListBucketResult', DeleteObjects: 'DeleteResult' }[operation] ?? `${operation}Result`;
  const body = toXml(model, outputShape, output);
  const hasBody = Object.values(shape.members ?? {}).some((member) => member.location === undefined);
  response.setHeader('content-type', 'application/xml');
  response.end(hasBody ? `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${body}</${root}>` : '');
}

export function writeS3Fault(response: ExchangeResponse, fault: AwsFault): void {
  response.writeHead(fault.status, { 'content-type': 'application/xml', ...fault.headers });
  const text = `<Code>${escapeXml(fault.code)}</Code><Message>${escapeXml(fault.message)}</Message>`;
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${text}<RequestId>0123456789ABCDEF</RequestId></Error>`,
  );
}
