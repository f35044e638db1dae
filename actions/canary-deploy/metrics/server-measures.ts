import type { MetricQuery, MetricSource } from '../../../shared/monitoring/metric-source.ts';
import type { ServerMeasure } from '../../../shared/records/rollout.ts';
import { type ArmLabels, fillIn } from './arm-names.ts';

/** As long as one look. Milliseconds since 1970. */
export interface MeasuredWindow {
  startedAt: number;
  endedAt: number;
}

/**
 * The value of each measure of an arm at the end of each window; null where the monitoring has none.
 * @param windows at least one, each as long as one look; they follow each other.
 * @throws UserError when the source cannot be reached or refuses a query.
 */
export async function readServerMeasures(
  source: MetricSource,
  measures: readonly ServerMeasure[],
  labels: ArmLabels,
  windows: readonly MeasuredWindow[],
): Promise<Record<string, number | null>[]> {
  const [{ startedAt: start, endedAt }, { endedAt: end }] = [windows[0]!, windows.at(-1)!];
  const step = endedAt - start;
  const range = { start, end, step };
  const values = windows.map((): Record<string, number | null> => ({}));
  for (const measure of measures) {
    const { points } = await source.readSeries(
      queryOf(measure, labels, step),
      range,
      `${measure.name} of the ${labels.arm}`,
    );
    for (const [index, window] of windows.entries()) {
      // Sources write times to the second or to the millisecond.
      const value = points.findLast(({ time }) => Math.abs(time - window.endedAt) < step / 2)?.value;
      values[index]![measure.name] = value === undefined || !Number.isFinite(value) ? null : value;
    }
  }
  return values;
}

function queryOf({ query, metric }: ServerMeasure, labels: ArmLabels, intervalMs: number): MetricQuery {
  if (query !== undefined) return { query: fillIn(query, labels, intervalMs) };
  const dimensions = Object.entries(metric!.dimensions).map(([name, value]) => [
    name,
    fillIn(value, labels, intervalMs, (text) => text),
  ]);
  return { metric: { ...metric!, dimensions: Object.fromEntries(dimensions) } };
}
