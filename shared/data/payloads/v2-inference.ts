/**
 * Requests and answers of the V2 (Open Inference) protocol as rows.
 * https://github.com/kserve/open-inference-protocol
 */
import { isObject, type JsonObject } from '../../records/json-object.ts';
import { bodyOf } from './payload-kind.ts';
import { type PayloadRow, payloadRows, UnreadablePayload } from './payload-row.ts';

/**
 * The rows of one event, of which either the features or the predictions are there: the two sides come as two events
 * of one id.
 * @throws UnreadablePayload for tensors of different lengths, and data that do not fill their shape.
 */
export function v2Rows(line: JsonObject): { side: 'request' | 'response'; rows: PayloadRow[] } {
  const found = bodyOf(line);
  if (!found) throw new UnreadablePayload('neither a request nor an answer of the V2 protocol');
  const { body, side } = found;
  const isEvent = 'specversion' in line;
  const id = isEvent ? line.id : body.id;
  const time = isEvent && typeof line.time === 'string' ? line.time : null;
  if (typeof id !== 'string' || id === '') throw new UnreadablePayload('without an id');
  const prefix = side === 'response' ? 'prediction_' : '';
  const rows = tensorRows((side === 'request' ? body.inputs : body.outputs) as JsonObject[], prefix);
  const event = { id, time };
  return {
    side,
    rows: side === 'request' ? payloadRows(event, rows, undefined) : payloadRows(event, undefined, rows),
  };
}

/** The first dimension counts the rows; a tensor with more values a row makes a column of each: `name_0`, `name_1`. */
function tensorRows(tensors: readonly JsonObject[], prefix: string): JsonObject[] {
  const columns = tensors.flatMap((tensor) => tensorColumns(tensor, prefix));
  const lengths = new Set(columns.map(({ values }) => values.length));
  if (lengths.size > 1)
    throw new UnreadablePayload(`tensors of different lengths: ${[...lengths].join(', ')}`);
  const [rows = 0] = lengths;
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[row]])),
  );
}

function tensorColumns(tensor: JsonObject, prefix: string): { name: string; values: unknown[] }[] {
  const name = `${prefix}${tensor.name}`;
  const shape = (tensor.shape as unknown[]).map(Number);
  const flat = flatten(tensor.data);
  const [rows = 1, ...rest] = shape;
  const width = rest.reduce((product, size) => product * size, 1);
  if (flat.length !== rows * width)
    throw new UnreadablePayload(
      `${String(tensor.name)} has ${flat.length} values where its shape has ${rows * width}`,
    );
  const isBase64 = isObject(tensor.parameters) && tensor.parameters.content_type === 'base64';
  const values = isBase64
    ? flat.map((value) => (typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value))
    : flat;
  if (width === 1) return [{ name, values }];
  return Array.from({ length: width }, (_, column) => ({
    name: `${name}_${column}`,
    values: Array.from({ length: rows }, (__, row) => values[row * width + column]),
  }));
}

/** Data may be flat or nested, in row-major order either way. */
function flatten(data: unknown): unknown[] {
  if (!Array.isArray(data)) throw new UnreadablePayload('a tensor without data');
  return data.flat(Number.POSITIVE_INFINITY);
}
