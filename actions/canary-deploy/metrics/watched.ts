import type { MetricAccess } from '../../../shared/monitoring/metric-source.ts';
import type { Rollout } from '../../../shared/records/rollout.ts';
import type { Target } from '../targets/target.ts';
import { armLabels } from './arm-names.ts';
import type { CountsSource } from './counts-source.ts';
import type { OpenMetrics } from './open-metrics.ts';
import { ReadFailures } from './read-failures.ts';
import type { MeasuredWindow } from './server-measures.ts';

/** What is needed to ask the monitoring. */
export interface Monitoring {
  access: MetricAccess & { signal: AbortSignal };
  warn: (message: string) => void;
}

interface Watching {
  target: Target;
  /** Undefined where no rollout names a source. */
  monitoring?: Monitoring | undefined;
}

interface ServerMeasures {
  measureServers: (window: MeasuredWindow) => Promise<Record<string, number | null>>;
  /** Of several windows at once, that follow each other. */
  measureAll: NonNullable<OpenMetrics['servers']>;
}

/**
 * The situation as a rollout sees it: with the counts of the source that it names in the place of the target's own, and
 * with the measures of its servers.
 * @param failures of the source so far. @throws UserError when the source's address or account is none.
 */
export async function watched<Situation extends Watching>(
  situation: Situation,
  rollout: Rollout,
  failures: ReadFailures = new ReadFailures(),
): Promise<Situation & Partial<ServerMeasures>> {
  if (!rollout.metrics) return situation;
  const { target, monitoring } = situation;
  if (!monitoring) throw new TypeError('the rollout names a source of metrics, and none can be opened here');
  const { openMetrics } = await import('./open-metrics.ts');
  const { counts, servers } = await openMetrics({
    ...monitoring,
    ...{ rollout, failures },
    arms: () => armLabels(target, target.served()),
  });
  return {
    ...situation,
    ...(counts && { target: countedBy(target, counts) }),
    ...(servers && { measureServers: async (window) => (await servers([window]))[0]!, measureAll: servers }),
  };
}

/** A target whose windows are those of a source: all else it does itself. */
function countedBy(target: Target, counts: CountsSource): Target {
  const instead: Partial<Target> = {
    read: async () => ({ ...(await target.read()), lastSequence: Math.max(0, counts.lastSequence()) }),
    windows: async (after, slowerThanMs) => {
      await target.attend?.();
      return counts.windows(after, slowerThanMs);
    },
  };
  return new Proxy(target, {
    get(inner, name) {
      const value = Reflect.get(name in instead ? instead : inner, name);
      return typeof value === 'function' ? value.bind(inner) : value;
    },
  });
}
