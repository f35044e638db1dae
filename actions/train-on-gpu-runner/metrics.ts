import { type MetricValue, metricValue } from '../../shared/records/metric-value.ts';

export interface ReadMetrics {
  metrics: Record<string, MetricValue>;
  /** What could not be read, in one sentence; empty when all could. */
  problem: string;
}

/** Marks a number that JSON has no word for until the text is parsed; no sane metric file contains it. */
const MARK = '\u0000number:';

/**
 * Reads a training command's metrics: a flat JSON map of numbers, in which Python's bare `NaN`, `Infinity` and
 * `-Infinity` are allowed. What is not a number is left out and named.
 */
export function parseMetrics(text: string): ReadMetrics {
  let value: unknown;
  try {
    value = JSON.parse(quoteNonNumbers(text));
  } catch {
    return { metrics: {}, problem: 'the metrics file is not valid JSON' };
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return { metrics: {}, problem: 'the metrics file does not hold a map of names to numbers' };
  }
  const metrics: Record<string, MetricValue> = {};
  const strange: string[] = [];
  for (const [name, content] of Object.entries(value)) {
    const metric = readValue(content);
    if (metric === undefined) strange.push(name);
    // Object.defineProperty: a metric may be called __proto__.
    else
      Object.defineProperty(metrics, name, {
        value: metric,
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
  const names =
    strange.slice(0, 5).join(', ') + (strange.length > 5 ? `, and ${strange.length - 5} more` : '');
  return { metrics, problem: strange.length > 0 ? `not a number and left out: ${names}` : '' };
}

function readValue(content: unknown): MetricValue | undefined {
  // 1e999 is a number in JSON and infinite in memory.
  if (typeof content === 'number') return metricValue(content);
  if (content === `${MARK}NaN`) return 'NaN';
  if (content === `${MARK}Infinity`) return 'Infinity';
  if (content === `${MARK}-Infinity`) return '-Infinity';
  return undefined;
}

/** Quotes bare NaN and infinities outside of strings. */
function quoteNonNumbers(text: string): string {
  const parts = /"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)/g;
  return text.replace(parts, (part, word: string | undefined) => (word ? JSON.stringify(MARK + word) : part));
}
