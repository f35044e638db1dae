/** What columns show together: the classifier of sides, and correlations, on some rows of both. */
import type {
  DriftColumn,
  DriftCorrelations,
  DriftMultivariate,
} from '../../../shared/records/drift-check.ts';
import {
  type DriftPolicy,
  defaultCorrelations,
  defaultMultivariate,
} from '../../../shared/records/drift-policy.ts';
import type { DriftTable } from '../table.ts';
import { compareCorrelations } from './correlations.ts';
import { judgeMultivariate } from './domain-classifier.ts';
import { drawRows, encodeColumn } from './sampled-columns.ts';

export interface Together {
  multivariate?: DriftMultivariate;
  correlations?: DriftCorrelations;
}

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

/** @param judged the columns after they were weighed: features of both sides take part, the important ones first. */
export function assessTogether(
  reference: DriftTable,
  data: DriftTable,
  judged: readonly DriftColumn[],
  policy: DriftPolicy,
): Together {
  const features = judged
    .filter((column) => column.role === 'feature' && column.reference !== null && column.data !== null)
    .filter(({ kind }) => kind !== 'timestamp' && kind !== 'text')
    .sort((a, b) => (b.importance ?? 0) - (a.importance ?? 0));
  const encode = (columns: readonly DriftColumn[], most: number) => {
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
  const found: Together = {};
  if (policy.multivariate !== false) {
    const options = policy.multivariate ?? defaultMultivariate();
    const { rows, columns } = encode(features.slice(0, MOST_COLUMNS), options.rows);
    const drifting = new Set(features.filter(({ status }) => status === 'drifts').map(({ name }) => name));
    const decides = policy.multivariate !== undefined;
    found.multivariate = judgeMultivariate(columns, rows, options, decides, drifting);
  }
  const numeric = features.filter(({ kind }) => kind === 'numeric');
  if (policy.correlations !== false) {
    const options = policy.correlations ?? defaultCorrelations();
    const { rows, columns } = encode(numeric, options.rows);
    found.correlations = compareCorrelations(columns, rows, options, policy.correlations !== undefined);
  }
  return found;
}
