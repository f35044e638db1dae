/**
 * A line of SageMaker's Data Capture as rows.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
 */

import { isObject, type JsonObject } from '../../records/json-object.ts';
import { splitLine } from '../csv-header.ts';
import { type PayloadRow, payloadRows, plainField, UnreadablePayload } from './payload-row.ts';

/** Names of features and predictions that come without any: `feature_0`, `prediction` or `prediction_0`. */
type Side = 'feature' | 'prediction';

/** @throws UnreadablePayload for what is neither CSV nor JSON. */
export function captureRows(line: JsonObject): PayloadRow[] {
  const captured = isObject(line.captureData) ? line.captureData : {};
  const about = isObject(line.eventMetadata) ? line.eventMetadata : {};
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const event = {
    id: text(about.eventId),
    time: text(about.inferenceTime),
    ...('inferenceId' in about && { inferenceId: text(about.inferenceId) }),
  };
  return payloadRows(
    event,
    sideOf(captured.endpointInput, 'feature'),
    sideOf(captured.endpointOutput, 'prediction'),
  );
}

function sideOf(captured: unknown, side: Side): JsonObject[] | undefined {
  if (!isObject(captured) || typeof captured.data !== 'string') return undefined;
  const type = String(captured.observedContentType ?? '').toLowerCase();
  const encoding = String(captured.encoding ?? '').toUpperCase();
  const data = encoding === 'BASE64' ? Buffer.from(captured.data, 'base64').toString('utf8') : captured.data;
  if (encoding === 'JSON' || /json/.test(type)) return jsonRows(data, side);
  if (encoding === 'CSV' || /csv/.test(type)) return csvRows(data, side, /header=present/.test(type));
  throw new UnreadablePayload(`the ${side}s are ${type || encoding || 'of no type'}, neither CSV nor JSON`);
}

function csvRows(data: string, side: Side, hasHeader: boolean): JsonObject[] {
  const lines = data.split(/\r?\n/).filter((line) => line !== '');
  const rows = lines.map((line) => splitLine(line, ',', '"'));
  const names = hasHeader ? rows.shift() : undefined;
  return rows.map((row) => named(row.map(plainField), side, names));
}

function jsonRows(data: string, side: Side): JsonObject[] {
  const lines = data.split(/\r?\n/).filter((line) => line.trim() !== '');
  try {
    return documentRows(JSON.parse(data), side);
  } catch (error) {
    if (error instanceof UnreadablePayload || lines.length < 2) throw asUnreadable(error, side);
  }
  try {
    return lines.flatMap((line) => documentRows(JSON.parse(line), side));
  } catch (error) {
    throw asUnreadable(error, side);
  }
}

const asUnreadable = (error: unknown, side: Side): unknown =>
  error instanceof SyntaxError ? new UnreadablePayload(`the ${side}s are no JSON: ${error.message}`) : error;

/** Under these words the documents of model servers keep their rows. */
const ROWS_UNDER = ['instances', 'predictions', 'inputs', 'dataframe_records', 'outputs', 'data', 'results'];

function documentRows(value: unknown, side: Side): JsonObject[] {
  if (Array.isArray(value)) {
    const isOneRow =
      side === 'feature' && value.every((entry) => entry === null || typeof entry !== 'object');
    return (isOneRow ? [value] : value).map((row) => rowOf(row, side));
  }
  if (!isObject(value)) return [rowOf(value, side)];
  const split = value.dataframe_split;
  if (isObject(split) && Array.isArray(split.columns) && Array.isArray(split.data)) {
    const names = split.columns.map(String);
    return split.data.map((row: unknown) => named(Array.isArray(row) ? row : [row], side, names));
  }
  const under = ROWS_UNDER.find((word) => Array.isArray(value[word]));
  if (under !== undefined) return (value[under] as unknown[]).map((row) => rowOf(row, side));
  return [rowOf(value, side)];
}

function rowOf(value: unknown, side: Side): JsonObject {
  if (Array.isArray(value)) return named(value, side);
  if (!isObject(value)) return named([value], side);
  const [only, ...more] = Object.entries(value);
  // `{"features": [1, 2]}`: the values of one row under one word.
  if (only && more.length === 0 && Array.isArray(only[1])) return named(only[1], side);
  const prefix = side === 'prediction' ? 'prediction_' : '';
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [`${prefix}${name}`, entry]));
}

function named(values: readonly unknown[], side: Side, names?: readonly string[]): JsonObject {
  if (names && names.length !== values.length)
    throw new UnreadablePayload(`a row has ${values.length} values under ${names.length} names`);
  const nameAt = (index: number): string => {
    if (names) return side === 'prediction' ? `prediction_${names[index]}` : names[index]!;
    return side === 'prediction' && values.length === 1 ? side : `${side}_${index}`;
  };
  return Object.fromEntries(values.map((value, index) => [nameAt(index), value]));
}
