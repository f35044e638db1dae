/** Performance of every chunk, real where there are labels and estimated where it can be, and what detectors see. */
import type { DriftChunk, DriftDetection, DriftPerformance } from '../../../shared/records/drift-check.ts';
import type { DriftPolicy } from '../../../shared/records/drift-policy.ts';
import type { Chunk } from '../chunks.ts';
import { estimateSeries, expectRows } from '../estimate.ts';
import { performanceTask } from '../metrics.ts';
import {
  type ChunkValues,
  judgePerformance,
  labelledRows,
  type PerformanceMetric,
  realSeries,
} from '../performance.ts';
import type { DriftTable } from '../table.ts';
import { errorStream, runDetectors } from './detectors.ts';
import { estimateIntervals } from './estimate-intervals.ts';
import { canEstimateLoss, estimateLoss, findLossRows } from './loss-estimate.ts';

interface Series {
  metric: PerformanceMetric;
  source: DriftPerformance['source'];
  method?: DriftPerformance['method'];
  values: ChunkValues;
}

export interface PerformanceAssessment {
  performance: DriftPerformance[];
  detectors?: DriftDetection[];
  /** By chunk. */
  chunks: Pick<DriftChunk, 'labelledRows' | 'performance' | 'estimated' | 'estimatedIntervals'>[];
}

/** @param features names of the columns from which a loss may be estimated. */
export function assessPerformance(
  sides: { reference: DriftTable; data: DriftTable },
  chunks: readonly Chunk[],
  metrics: readonly PerformanceMetric[],
  policy: DriftPolicy,
  features: readonly string[],
): PerformanceAssessment {
  const rows = chunks.map((chunk) => labelledRows(sides[chunk.part], chunk.first, chunk.end));
  const real = metrics.map(
    (metric): Series => ({ metric, source: 'real', values: realSeries(metric, rows, chunks) }),
  );
  const estimated = [
    ...estimateClassifier(sides, chunks, metrics),
    ...estimateRegressor(sides, chunks, metrics, features),
  ];
  const series = metrics.flatMap((metric) => [...real, ...estimated].filter((one) => one.metric === metric));
  const performance = series.map((one): DriftPerformance => {
    const judged = judgePerformance(one.metric, one.source, one.values, metrics.length);
    if (one.source === 'real') return judged;
    return { ...judged, method: one.method, held: countHeld(one.values, realOf(real, one.metric)) };
  });
  return {
    performance,
    detectors:
      policy.detectors.length === 0
        ? undefined
        : runDetectors(policy, errorStream(sides, performanceTask(policy)), sides.data.timestamps),
    chunks: chunks.map((_, index) => ({
      labelledRows: rows[index]!.labels.length,
      performance: valuesOf(real, index),
      estimated: valuesOf(estimated, index),
      estimatedIntervals: intervalsOf(estimated, index),
    })),
  };
}

const realOf = (real: readonly Series[], metric: PerformanceMetric): ChunkValues =>
  real.find((one) => one.metric === metric)!.values;

function estimateClassifier(
  sides: { reference: DriftTable; data: DriftTable },
  chunks: readonly Chunk[],
  metrics: readonly PerformanceMetric[],
): Series[] {
  const classifier = metrics.filter((metric) => metric.task !== 'regression');
  const expected = classifier.length > 0 ? expectRows(sides, chunks) : undefined;
  if (!expected) return [];
  const series = classifier.map((metric) => estimateSeries(metric, expected));
  const intervals = estimateIntervals(classifier, expected, series);
  return classifier.map((metric, index) => ({
    metric,
    source: 'estimated',
    method: 'CBPE',
    values: { ...series[index]!, intervals: intervals[index] },
  }));
}

function estimateRegressor(
  sides: { reference: DriftTable; data: DriftTable },
  chunks: readonly Chunk[],
  metrics: readonly PerformanceMetric[],
  features: readonly string[],
): Series[] {
  const wanted = metrics.filter(canEstimateLoss);
  const rows = wanted.length > 0 ? findLossRows(sides, chunks, features) : undefined;
  if (!rows) return [];
  const models: Parameters<typeof estimateLoss>[2] = new Map();
  return wanted.map((metric) => ({
    metric,
    source: 'estimated',
    method: 'DLE',
    values: estimateLoss(metric, rows, models),
  }));
}

/** In how many of the data's chunks with both the interval of the estimate holds the real value. */
function countHeld({ chunks, intervals }: ChunkValues, real: ChunkValues): DriftPerformance['held'] {
  let compared = 0;
  let within = 0;
  chunks.forEach(({ part }, index) => {
    const [interval, value] = [intervals?.[index], real.values[index]];
    if (part !== 'data' || !interval || value === null || value === undefined || !real.usable[index]) return;
    compared++;
    if (value >= interval.low && value <= interval.high) within++;
  });
  return { chunks: compared, within };
}

const valuesOf = (series: readonly Series[], index: number) =>
  Object.fromEntries(series.map(({ metric, values }) => [metric.name, values.values[index] ?? null]));

function intervalsOf(series: readonly Series[], index: number): DriftChunk['estimatedIntervals'] {
  const found = series.flatMap(({ metric, values }) => {
    const interval = values.intervals?.[index];
    return interval ? [[metric.name, interval] as const] : [];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}
