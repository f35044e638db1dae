/** SageMaker Model Monitor's `constraints.json`. */
import type { PositionedDocument } from '../../../shared/records/document.ts';
import { ContractDraft, type ImportedContract, type Path } from './contract-draft.ts';
import { isGiven, valuesRule } from './row-rules.ts';

interface Feature {
  name: string;
  inferred_type?: string;
  completeness?: number;
  num_constraints?: { is_non_negative?: boolean };
  string_constraints?: { domains?: string[] };
  monitoringConfigOverrides?: Record<string, unknown>;
}

interface Constraints {
  version?: number;
  features: Feature[];
  monitoring_config?: Record<string, unknown>;
}

/** Whether a document is a constraints file. */
export function isConstraints(value: unknown): value is Constraints {
  const document = value as Partial<Constraints & { dataset: unknown }> | null;
  return (
    Array.isArray(document?.features) &&
    document.dataset === undefined &&
    document.features.every((feature) => typeof feature?.name === 'string')
  );
}

/** Shares that Model Monitor allows where the file names none. */
const DEFAULT_THRESHOLD = 0.1;

/** Reads a constraints file as a contract. */
export function importConstraints(foreign: PositionedDocument<Constraints>): ImportedContract {
  const draft = new ContractDraft();
  const config = foreign.value.monitoring_config ?? {};
  const threshold = (key: string): number =>
    typeof config[key] === 'number' ? config[key] : DEFAULT_THRESHOLD;
  for (const [index, feature] of foreign.value.features.entries()) {
    const path: Path = ['features', index];
    const { name } = feature;
    draft.column(name, path);
    importType(feature, threshold('datatype_check_threshold'), draft, path);
    if (isGiven(feature.completeness)) {
      const query = 'SELECT count({property}) / greatest(1, count(*)) FROM {object}';
      const limit = { mustBeGreaterOrEqualTo: feature.completeness };
      draft.rule(name, { name: 'completeness', type: 'sql', query, ...limit }, [...path, 'completeness']);
    }
    if (feature.num_constraints?.is_non_negative) {
      draft.rule(name, valuesRule({ name: 'is_non_negative' }, '{property} >= 0'), [
        ...path,
        'num_constraints',
      ]);
    }
    const domains = feature.string_constraints?.domains ?? [];
    if (domains.length > 0) {
      const limit = { mustBeLessOrEqualTo: threshold('domain_content_threshold') * 100, unit: 'percent' };
      const rule = { metric: 'invalidValues', arguments: { validValues: domains }, ...limit };
      draft.rule(name, { name: 'domains', ...rule }, [...path, 'string_constraints']);
    }
    if (Object.keys(feature.monitoringConfigOverrides ?? {}).length > 0)
      draft.leave('monitoringConfigOverrides', 'overrides of one feature are not read', [
        ...path,
        'monitoringConfigOverrides',
      ]);
  }
  if (config.distribution_constraints)
    draft.leave(
      'distribution_constraints',
      'a distribution against an earlier one is judged by drift-check',
      ['monitoring_config', 'distribution_constraints'],
    );
  if (config.evaluate_constraints === 'Disabled')
    draft.leave('evaluate_constraints: Disabled', 'the constraints are judged all the same', [
      'monitoring_config',
      'evaluate_constraints',
    ]);
  return draft.finish({ id: 'sagemaker-constraints', object: 'dataset' }, foreign);
}

/** Values of another type are counted against the threshold, as Model Monitor does; null is no value. */
function importType(feature: Feature, threshold: number, draft: ContractDraft, path: Path): void {
  const conditions: Record<string, string> = {
    Integral: 'TRY_CAST({property}::VARCHAR AS BIGINT) IS NOT NULL',
    Fractional: 'TRY_CAST({property}::VARCHAR AS DOUBLE) IS NOT NULL',
  };
  const type = feature.inferred_type;
  const condition = conditions[type ?? ''];
  const origin = [...path, 'inferred_type'];
  if (condition)
    draft.rule(
      feature.name,
      valuesRule({ name: `inferred_type: ${type}` }, condition, 1 - threshold),
      origin,
    );
  else if (type !== undefined && type !== 'String' && type !== 'Unknown')
    draft.leave(`inferred_type: ${type}`, 'there is no such type', origin);
}
