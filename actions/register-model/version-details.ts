import type { Evaluation } from '../../shared/records/evaluation.ts';
import type { ModelVersion } from '../../shared/records/model-version.ts';
import type { Approval, VersionDetails } from '../../shared/registries/registry.ts';

/** What a store shows of a version in its own pages: the words of the record. */
export function versionDetails(record: ModelVersion): VersionDetails {
  return {
    description: record.reason,
    tags: record.tags,
    metrics: record.metrics,
    source: record.source,
    inputs: record.inputs,
    parent: record.parent,
    standing: {
      ...(record.approval ? { approval: record.approval } : {}),
      ...(record.stage ? { stage: record.stage } : {}),
      ...(record.by ? { by: record.by } : {}),
      ...(record.source.runUrl ? { runUrl: record.source.runUrl } : {}),
      at: record.createdAt,
    },
    ...(record.image ? { image: record.image.reference } : {}),
  };
}

/** What the gate's decision says of a version of which no person has said anything; null for nothing. */
export function approvalByGate(gate: ModelVersion['gate']): Approval | null {
  return gate === 'passed' || gate === 'overridden' ? 'approved' : null;
}

/** The model's own values over all rows in its Evaluation, by name; a metric of parameters has them in its name. */
export function ownMetrics(evaluation: Evaluation | undefined): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const { block, name, parameters, challenger } of evaluation?.metrics ?? []) {
    // What was measured of the data, or of two models, is no value of this one.
    if (block === 'leakage' || block === 'churn') continue;
    if (challenger === null || !Number.isFinite(challenger)) continue;
    const words = Object.entries(parameters ?? {}).map(([key, value]) => `${key}=${value}`);
    metrics[words.length > 0 ? `${name}(${words.join(',')})` : name] ??= challenger;
  }
  return metrics;
}
