import { parseMetrics } from '../metrics.ts';
import type { MetricDefinition } from './metric-definitions.ts';

/** Metrics of one moment, as a line of output or a service tells them. */
export interface FoundMetrics {
  /** Null where the line says none. */
  step: number | null;
  /** Given beside the step where steps are counted anew in each epoch. */
  epoch?: number;
  values: Record<string, number>;
}

/** A longer line is data and no report of a metric; it also bounds the work of the expressions. */
const LONGEST_LINE = 2_048;
/** As SageMaker's. */
const LONGEST_NAME = 255;
/** The words that say where in the training a line was written; they are no metrics. */
const PLACES = ['step', 'epoch'];

/**
 * The metrics of a line of output: of a flat JSON object with a numeric `step` (or `epoch`) its other numbers
 * (Python's bare NaN and infinities are understood, text and booleans passed over), and what the definitions find.
 * Undefined when the line holds none.
 */
export function metricsOfLine(
  line: string,
  definitions: readonly MetricDefinition[] = [],
): FoundMetrics | undefined {
  if (line.length > LONGEST_LINE) return undefined;
  return metricsOfJson(line) ?? (definitions.length > 0 ? metricsOfText(line, definitions) : undefined);
}

function metricsOfJson(line: string): FoundMetrics | undefined {
  // Looked at before it is parsed: nearly every line of a training is something else.
  if (!/^\s*\{/.test(line) || !/"(?:step|epoch)"/.test(line) || !/\}\s*$/.test(line)) return undefined;
  // A nested value means something else than a number at a step.
  if (/[{[]/.test(line.replace(/"(?:[^"\\]|\\.)*"/g, '').replace('{', ''))) return undefined;
  const { metrics } = parseMetrics(line);
  const values = new Map(Object.entries(metrics).map(([name, value]) => [name, Number(value)]));
  return withPlace(values);
}

function metricsOfText(line: string, definitions: readonly MetricDefinition[]): FoundMetrics | undefined {
  const values = new Map<string, number>();
  for (const { name, expression } of definitions) {
    const value = numberOf(expression.exec(line)?.[1]);
    if (value !== undefined) values.set(name, value);
  }
  return withPlace(values, true);
}

/** @param withoutStep whether metrics count that say no place. */
function withPlace(values: Map<string, number>, withoutStep = false): FoundMetrics | undefined {
  const [step, epoch] = PLACES.map((name) => values.get(name)).map((value) =>
    value !== undefined && Number.isFinite(value) ? value : undefined,
  );
  for (const name of PLACES) values.delete(name);
  for (const name of values.keys())
    if (name.length > LONGEST_NAME || name === '__proto__') values.delete(name);
  if ((step === undefined && epoch === undefined && !withoutStep) || values.size === 0) return undefined;
  const place = step !== undefined && epoch !== undefined ? { step, epoch } : { step: step ?? epoch ?? null };
  return { ...place, values: Object.fromEntries(values) };
}

/** `0.25`, `1,024.5`, `3e-4`, `NaN`, `-inf`, as programs print numbers; undefined for anything else. */
function numberOf(text: string | undefined): number | undefined {
  const plain = text?.trim().replace(/(?<=\d),(?=\d{3}\b)/g, '') ?? '';
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return Number(plain);
  if (/^[+-]?nan$/i.test(plain)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(plain);
  return infinite ? Number(`${infinite[1]}Infinity`) : undefined;
}
