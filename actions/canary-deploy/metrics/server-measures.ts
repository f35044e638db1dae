import type { MetricQuery, MetricSource } from '../../../shared/monitoring/metric-source.ts';
import type { ServerMeasure } from '../../../shared/records/rollout.ts';
import { type ArmLabels, fillIn } from './arm-names.ts';

/**
 * The value of each measure of an arm at the end of a window; null where the monitoring has none.
 * @param window in milliseconds since 1970, as long as one look.
 * @throws UserError when the source cannot be reached or refuses a query.
 */
export async function readServerMeasures(
  source: MetricSource,
  measures: readonly ServerMeasure[],
  labels: ArmLabels,
  window: { startedAt: number; endedAt: number },
): Promise<Record<string, number | null>> {
  const step = window.endedAt - window.startedAt;
  const range = { start: window.startedAt, end: window.endedAt, step };
  const values: Record<string, number | null> = {};
  for (const measure of measures) {
    const { points } = await source.readSeries(
      queryOf(measure, labels, step),
      range,
      `${measure.name} of the ${labels.arm}`,
    );
    const value = points.at(-1)?.value;
    values[measure.name] = value === undefined || !Number.isFinite(value) ? null : value;
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
