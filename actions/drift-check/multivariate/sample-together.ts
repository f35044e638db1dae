/** Draws the rows on which columns are judged together. */
import type { DriftKind } from '../../../shared/records/drift-measures.ts';
import {
  type DriftPolicy,
  defaultCorrelations,
  defaultMultivariate,
} from '../../../shared/records/drift-policy.ts';
import type { DriftTable } from '../table.ts';
import type { Together, TogetherSample } from './judge-together.ts';
import { drawRows, encodeColumn } from './sampled-columns.ts';

/** What the policy asks for where a profile stands for the rows of a side: said, and not judged. */
export function nothingTogether(policy: DriftPolicy): Together {
  const note = 'a profile holds no rows';
  const rows = { reference: 0, data: 0 };
  const { multivariate, correlations } = policy;
  const shared = { status: 'not_judged', decides: true, rows, note } as const;
  return {
    ...(multivariate && {
      multivariate: {
        ...shared,
        auc: null,
        interval: null,
        pValue: null,
        minAuc: multivariate.min_auc,
        columns: [],
      },
    }),
    ...(correlations && {
      correlations: {
        ...shared,
        minDifference: correlations.min_difference,
        pairs: 0,
        columnsLeftOut: 0,
        changed: 0,
        largest: [],
      },
    }),
  };
}

/** More columns than this make the classifier slow, and no finding of it readable. */
const MOST_COLUMNS = 200;
const SEEDS = { reference: 1, data: 2 };

/** @param features of both sides, the important ones first. */
export function sampleTogether(
  reference: DriftTable,
  data: DriftTable,
  features: readonly { name: string; kind: DriftKind }[],
  policy: DriftPolicy,
): TogetherSample {
  const sample = (columns: typeof features, most: number) => {
    const rows = {
      reference: drawRows(reference.rowCount, most, SEEDS.reference),
      data: drawRows(data.rowCount, most, SEEDS.data),
    };
    return {
      rows: { reference: rows.reference.length, data: rows.data.length },
      columns: columns.map(({ name }) =>
        encodeColumn(name, reference.columns.get(name)!, data.columns.get(name)!, rows),
      ),
    };
  };
  const judged = features.filter(({ kind }) => kind !== 'text');
  const found: TogetherSample = {};
  if (policy.multivariate !== false) {
    const options = policy.multivariate ?? defaultMultivariate();
    const decides = policy.multivariate !== undefined;
    found.multivariate = { ...sample(judged.slice(0, MOST_COLUMNS), options.rows), options, decides };
  }
  if (policy.correlations !== false) {
    const options = policy.correlations ?? defaultCorrelations();
    const numeric = judged.filter(({ kind }) => kind === 'numeric');
    const decides = policy.correlations !== undefined;
    found.correlations = { ...sample(numeric, options.rows), options, decides };
  }
  return found;
}
