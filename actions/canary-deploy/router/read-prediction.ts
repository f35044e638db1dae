import type { IncomingMessage } from 'node:http';
import { predictionBucket } from '../engine/prediction-buckets.ts';

/** Answers larger than this are passed on unread. */
const LARGEST_ANSWER_BYTES = 65_536;

/**
 * Reads the first prediction out of an answer while it is passed on to its client, who waits for nothing.
 * @param found called once the answer is whole, if it is one of the forms below; with the name of a bucket or a class.
 */
export function tapPrediction(response: IncomingMessage, found: (name: string) => void): void {
  const { statusCode, headers } = response;
  const isPlainJson =
    statusCode === 200 &&
    /^application\/(.*\+)?json\b/i.test(headers['content-type'] ?? '') &&
    (headers['content-encoding'] ?? 'identity') === 'identity';
  if (!isPlainJson || Number(headers['content-length'] ?? 0) > LARGEST_ANSWER_BYTES) return;
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= LARGEST_ANSWER_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  });
  response.once('end', () => {
    if (size > LARGEST_ANSWER_BYTES) return;
    // The client has its answer first.
    setImmediate(() => {
      const name = firstPrediction(Buffer.concat(chunks).toString('utf8'));
      if (name !== undefined) found(name);
    });
  });
}

/**
 * The first prediction of an answer: MLflow's `{"predictions": […]}`, the open inference protocol's
 * `{"outputs": [{"data": […], "shape": […]}]}`, or a plain array. The others belong to the same request, which was
 * given to its arm as a whole, so they tell nothing more about how requests fall to the arms.
 */
export function firstPrediction(text: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (Array.isArray(body)) return nameOf(body[0]);
  const { predictions, outputs } = asObject(body);
  if (predictions !== undefined) return nameOf(Array.isArray(predictions) ? predictions[0] : predictions);
  if (!Array.isArray(outputs)) return undefined;
  const { data, shape } = asObject(outputs[0]);
  if (!Array.isArray(data)) return undefined;
  const columns = Array.isArray(shape) && shape.length > 1 ? Number(shape.at(-1)) : 1;
  return nameOf(columns > 1 && !Array.isArray(data[0]) ? data.slice(0, columns) : data[0]);
}

/**
 * One row: a value; an object of values, of which the first counts; the chances of two classes, which are one score; the
 * chances of more, of which the largest names the class; or any other row of values, of which the first counts.
 */
function nameOf(row: unknown): string | undefined {
  if (!Array.isArray(row)) {
    const isObject = row !== null && typeof row === 'object';
    return predictionBucket(isObject ? Object.values(row)[0] : row);
  }
  if (row.length <= 1) return nameOf(row[0]);
  if (!isChances(row)) return predictionBucket(row[0]);
  // Seldom does the larger of two change where one class is rare; the odds tell scores apart near 0 and near 1.
  if (row.length === 2) return predictionBucket(row[1]! / Math.max(row[0]!, SMALLEST_CHANCE));
  return `#${row.indexOf(row.reduce((best, score) => Math.max(best, score), row[0]!))}`;
}

const SMALLEST_CHANCE = 1e-9;
/** Servers round. */
const ROUNDED_SUM = 0.02;

function isChances(row: unknown[]): row is number[] {
  const areChances = row.every((score) => typeof score === 'number' && score >= 0 && score <= 1);
  return areChances && Math.abs((row as number[]).reduce((sum, score) => sum + score, 0) - 1) <= ROUNDED_SUM;
}

function asObject(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}
