import { messageOf } from '../../../shared/errors.ts';
import type { MetricAccess, MetricSource } from '../../../shared/monitoring/metric-source.ts';
import type { Rollout } from '../../../shared/records/rollout.ts';
import { rolloutMilliseconds } from '../../../shared/records/rollout.ts';
import type { ArmName } from '../engine/window.ts';
import type { ArmLabels } from './arm-names.ts';
import type { CountsSource } from './counts-source.ts';
import type { ReadFailures } from './read-failures.ts';
import type { MeasuredWindow } from './server-measures.ts';

export interface OpenMetrics {
  /** Undefined where the target's own counts are the ones to judge. */
  counts?: CountsSource;
  /** The values of the rollout's measures of the challenger in each window; undefined where it has none. */
  servers?: (windows: readonly MeasuredWindow[]) => Promise<Record<string, number | null>[]>;
}

export interface MetricsOptions {
  rollout: Rollout;
  access: MetricAccess & { signal: AbortSignal };
  arms: () => Readonly<Record<ArmName, ArmLabels | null>>;
  warn: (message: string) => void;
  failures: ReadFailures;
}

/** Opens the source that a rollout names. @throws UserError when its address or account is none. */
export async function openMetrics(options: MetricsOptions): Promise<OpenMetrics> {
  const { rollout, access, arms, warn, failures } = options;
  const { metrics, servers = [] } = rollout;
  if (!metrics) return {};
  const intervalMs = rolloutMilliseconds(rollout.analysis.interval);
  const clock = (delayMs: number) => ({ intervalMs, delayMs, now: access.now });
  const { patientCounts } = await import('./patient-counts.ts');
  const patience = { failures, intervalMs, now: access.now, warn };
  if ('command' in metrics) {
    const { commandCounts } = await import('./command-counts.ts');
    const { command } = metrics;
    const { env, signal } = access;
    return {
      counts: patientCounts(commandCounts({ command, clock: clock(0), arms, env, signal }), patience),
    };
  }
  const serversOf = (source: MetricSource): Pick<OpenMetrics, 'servers'> =>
    servers.length === 0
      ? {}
      : {
          servers: async (windows) => {
            const { readServerMeasures } = await import('./server-measures.ts');
            const { challenger } = arms();
            const nothing = windows.map(() => Object.fromEntries(servers.map(({ name }) => [name, null])));
            if (!challenger) return nothing;
            try {
              return await readServerMeasures(source, servers, challenger, windows);
            } catch (error) {
              // Without a value nothing is promoted, and nothing is rolled back for a monitoring that blinks.
              warn(`The measures of the servers could not be read: ${messageOf(error)}.`);
              return nothing;
            }
          },
        };
  if ('cloudwatch' in metrics) {
    const { openCloudWatch } = await import('../../../shared/monitoring/cloudwatch.ts');
    return serversOf(await openCloudWatch(metrics.cloudwatch.region, access));
  }
  const { openPrometheus } = await import('../../../shared/monitoring/prometheus.ts');
  const source = openPrometheus(metrics.prometheus, access);
  const { requests, errors, latency, delay } = metrics;
  if (requests === undefined || errors === undefined) return serversOf(source);
  const { prometheusCounts } = await import('./prometheus-counts.ts');
  const counts = prometheusCounts({
    ...{ source, queries: { requests, errors, latency }, arms, warn },
    clock: clock(rolloutMilliseconds(delay)),
  });
  return { counts: patientCounts(counts, patience), ...serversOf(source) };
}
