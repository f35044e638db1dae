/** System health from the policy to the record's section: what check-drift knows of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { openMetricSource } from '../../../shared/monitoring/open-metrics.ts';
import { ACCOUNT_VARIABLES } from '../../../shared/monitoring/prometheus-account.ts';
import type { SystemHealth } from '../../../shared/records/system-health.ts';
import type { SystemPolicy } from '../../../shared/records/system-policy.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { assessSystem } from './assess-system.ts';
import type { Locate } from './check-policy.ts';

/** @param policy one that `checkSystem` let pass. @throws UserError as `assessSystem` does. */
export async function readSystem(policy: SystemPolicy, locate: Locate, deps: Deps): Promise<SystemHealth> {
  const { env, log, now, signal } = deps;
  for (const variable of ACCOUNT_VARIABLES) if (env[variable]) log.mask(env[variable]);
  const wait = (milliseconds: number) => delay(milliseconds, undefined, { signal });
  const source = await openMetricSource(policy.source, { env, signal, now, wait });
  const system = await assessSystem(policy, source, now(), locate);
  if (system.unavailable !== undefined) log.warning(system.unavailable);
  else for (const { name, note } of system.measures) if (note !== '') log.warning(`${name}: ${note}`);
  return system;
}
