/** System health for the tests of reports: one measure beyond its limits, one within, one missing, one not judged. */
import type { SystemHealth, SystemMeasureResult } from '../records/system-health.ts';

const END = Date.parse('2026-03-02T11:00:00Z');
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const iso = (time: number): string => new Date(time).toISOString();

export function sampleSystem(hostile = 'latency_p99'): SystemHealth {
  const series = (value: (step: number) => number | null) =>
    Array.from({ length: 60 }, (_, step) => ({
      time: iso(END - (59 - step) * MINUTE),
      value: value(step),
    }));
  const past = (value: (window: number) => number | null): NonNullable<SystemMeasureResult['past']> => ({
    asked: 14,
    windows: 14,
    mean: 0.21,
    deviation: 0.012,
    values: Array.from({ length: 14 }, (_, window) => ({
      end: iso(END - (14 - window) * DAY),
      value: value(window),
    })),
  });
  return {
    source: `Prometheus http://localhost:9090`,
    window: { start: iso(END - 60 * MINUTE), end: iso(END) },
    stepSeconds: 60,
    seasonSeconds: 86_400,
    onBreach: 'warn',
    onMissing: 'warn',
    measures: [
      {
        name: hostile,
        unit: 's',
        query: `histogram_quantile(0.99, sum by (le) (rate(${hostile}_bucket[5m])))`,
        statistic: 'mean',
        status: 'beyond',
        value: 0.6234,
        steps: { expected: 60, valued: 60 },
        limits: [
          { kind: 'max', given: 0.5, limit: 0.5, status: 'beyond' },
          { kind: 'max_increase', given: 0.5, limit: 0.315, status: 'beyond' },
        ],
        past: past((window) => 0.2 + 0.001 * window),
        series: series((step) => 0.4 + step / 120),
        note: '',
      },
      {
        name: 'requests',
        unit: null,
        query: 'sum(rate(requests_total[5m]))',
        statistic: 'median',
        status: 'within',
        value: 1234.5,
        steps: { expected: 60, valued: 58 },
        limits: [{ kind: 'min', given: 100, limit: 100, status: 'within' }],
        past: null,
        series: series((step) => (step < 2 ? null : 1200 + step)),
        note: 'partial answer',
      },
      {
        name: 'gpu',
        unit: '%',
        query: '/aws/sagemaker/Endpoints GPUUtilization, Average {EndpointName=churn}',
        statistic: 'p95',
        status: 'missing',
        value: null,
        steps: { expected: 60, valued: 3 },
        limits: [{ kind: 'max', given: 95, limit: 95, status: 'not_judged' }],
        past: null,
        series: series((step) => (step < 3 ? 40 : null)),
        note: '',
      },
      {
        name: 'errors',
        unit: null,
        query: 'sum(rate(errors_total[5m]))',
        statistic: 'mean',
        status: 'not_judged',
        value: 0.002,
        steps: { expected: 60, valued: 60 },
        limits: [{ kind: 'max_increase', given: 0.25, limit: null, status: 'not_judged' }],
        past: { ...past((window) => (window < 11 ? null : 0)), windows: 3, mean: null, deviation: null },
        series: series(() => 0.002),
        note: '3 of 14 past windows have values, and 6 are needed',
      },
    ],
  };
}
