import type { SystemPolicy } from '../records/system-policy.ts';
import type { MetricAccess, MetricSource } from './metric-source.ts';

/** Opens the source that a policy names. @throws UserError when its address or account cannot be right. */
export async function openMetricSource(
  source: SystemPolicy['source'],
  access: MetricAccess,
): Promise<MetricSource> {
  if ('cloudwatch' in source) {
    const { openCloudWatch } = await import('./cloudwatch.ts');
    return openCloudWatch(source.cloudwatch.region, access);
  }
  const { openPrometheus } = await import('./prometheus.ts');
  return openPrometheus(source.prometheus, access);
}
