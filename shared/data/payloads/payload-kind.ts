/** Logs of what a model was asked and what it answered, told by their content. */
import { isObject, type JsonObject } from '../../records/json-object.ts';

/** SageMaker's Data Capture, or events with bodies of the V2 (Open Inference) protocol, as KServe and Seldon log them. */
export type PayloadKind = 'sagemaker' | 'v2';

/** The kind of log that a line belongs to, or undefined for a line that is a row itself. */
export function payloadKind(line: JsonObject): PayloadKind | undefined {
  if (isObject(line.captureData) && isObject(line.eventMetadata)) return 'sagemaker';
  return bodyOf(line) === undefined ? undefined : 'v2';
}

/** A request or an answer of the V2 protocol, in the envelope of a CloudEvent or bare. */
export function bodyOf(line: JsonObject): { body: JsonObject; side: 'request' | 'response' } | undefined {
  const body = 'specversion' in line ? dataOf(line) : line;
  if (!isObject(body)) return undefined;
  if (isTensors(body.inputs)) return { body, side: 'request' };
  return isTensors(body.outputs) ? { body, side: 'response' } : undefined;
}

/** CloudEvents carry a JSON body as it is, as its text, or in base64. */
function dataOf({ data, data_base64: packed }: JsonObject): unknown {
  const text = typeof packed === 'string' ? Buffer.from(packed, 'base64').toString('utf8') : data;
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isTensors = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((entry) => isObject(entry) && typeof entry.name === 'string' && Array.isArray(entry.shape));
