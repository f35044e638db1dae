/** `metrics/` asks the monitoring what both arms did, where the rollout file names a source. */
import type { ArmName } from '../engine/window.ts';
import type { DeployedModel, Target } from '../targets/target.ts';

/** What tells the two arms apart in the monitoring. */
export interface ArmLabels {
  arm: ArmName;
  /** What the target calls its server. */
  server: string;
  digest: string;
}

/** Of both arms as they serve now; null for one that does not run. */
export function armLabels(
  target: Pick<Target, 'serverName'>,
  models: Readonly<Record<ArmName, DeployedModel | null>>,
): Record<ArmName, ArmLabels | null> {
  const labels = (arm: ArmName): ArmLabels | null => {
    const server = target.serverName(arm);
    const model = models[arm];
    return server === null || model === null ? null : { arm, server, digest: model.digest };
  };
  return { champion: labels('champion'), challenger: labels('challenger') };
}

const VARIABLE = /\$(arm|server|digest|interval)\b/g;

/** A backslash and a quote would end a text of PromQL. */
const inPromQl = (value: string): string => value.replace(/[\\"]/g, '\\$&');

/**
 * A query with `$arm`, `$server`, `$digest` and `$interval` filled in.
 * @param intervalMs length of one look; written in whole milliseconds, as PromQL reads it.
 * @param escaped for where the values go: into the quotes of PromQL, if nothing else is said.
 */
export function fillIn(
  query: string,
  labels: ArmLabels,
  intervalMs: number,
  escaped: (value: string) => string = inPromQl,
): string {
  const values = { ...labels, interval: `${Math.round(intervalMs)}ms` };
  return query.replace(VARIABLE, (_, name: keyof typeof values) => escaped(values[name]));
}
