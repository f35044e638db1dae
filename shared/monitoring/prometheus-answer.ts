/** What a server says to `query_range`: series, or why not. */
import * as z from 'zod';
import type { MetricPoint } from './metric-source.ts';

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])).optional(),
      }),
    ),
  }),
  warnings: z.array(z.string()).optional(),
});

const refusalSchema = z.object({ status: z.literal('error'), error: z.string() });

/** `+Inf`, `-Inf` and `NaN` are what Prometheus writes where a number is none. */
const NOT_FINITE: Record<string, number> = {
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
};

/** A series and the labels that tell it from the others. */
export interface LabelledSeries {
  labels: Record<string, string>;
  points: MetricPoint[];
}
export type MatrixAnswer =
  | { series: LabelledSeries[]; warnings: string[] }
  | { problem: string; fix: string };

/** Reads the JSON of an answer with status 200. */
export function readMatrix(text: string): MatrixAnswer {
  const parsed = answerSchema.safeParse(jsonOf(text));
  if (!parsed.success) {
    return {
      problem: 'does not answer as Prometheus does',
      fix: 'Check the address: a login page or another program may answer there.',
    };
  }
  const { data, warnings = [] } = parsed.data;
  if (data.result.some(({ values }) => values === undefined)) {
    return {
      problem: 'answers histograms, and numbers are needed',
      fix: 'Write a query that takes a number from the histogram, e.g. histogram_quantile(0.99, …).',
    };
  }
  const series = data.result.map(({ metric, values = [] }) => ({
    labels: metric,
    points: values.map(
      ([seconds, value]): MetricPoint => ({
        time: Math.round(seconds * 1000),
        value: NOT_FINITE[value] ?? (value.trim() === '' ? Number.NaN : Number(value)),
      }),
    ),
  }));
  return { series, warnings };
}

/** Where one series is needed. None at all is one without points. */
export function oneSeries(
  series: readonly LabelledSeries[],
): { points: MetricPoint[] } | { problem: string; fix: string } {
  if (series.length <= 1) return { points: series[0]?.points ?? [] };
  const shown = series.slice(0, 3).map(({ labels }) => labelText(labels));
  return {
    problem: `answers ${series.length} series (${shown.join(', ')}${series.length > 3 ? ', …' : ''}), and one is needed`,
    fix: 'Aggregate them in the query, e.g. by sum(…), max(…) or avg(…).',
  };
}

/** What a server says of its refusal; empty where it says nothing that can be read. */
export function refusalText(text: string): string {
  const parsed = refusalSchema.safeParse(jsonOf(text));
  return parsed.success ? parsed.data.error : '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const labelText = (labels: Record<string, string>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')
    .slice(0, 120)}}`;
