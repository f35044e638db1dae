/** What columns show together: the classifier of sides, and correlations. */
import type {
  DriftColumn,
  DriftCorrelations,
  DriftMultivariate,
} from '../../../shared/records/drift-check.ts';
import type { DriftPolicy } from '../../../shared/records/drift-policy.ts';
import { compareCorrelations } from './correlations.ts';
import { judgeMultivariate } from './domain-classifier.ts';
import type { EncodedColumn } from './sampled-columns.ts';

export interface Together {
  multivariate?: DriftMultivariate;
  correlations?: DriftCorrelations;
}

interface Sampled<Options> {
  columns: EncodedColumn[];
  rows: { reference: number; data: number };
  options: Options;
  /** Whether the policy makes it a reason. */
  decides: boolean;
}

/** Some rows of both sides as numbers, and what is asked of them; nothing where the policy does not want it. */
export interface TogetherSample {
  multivariate?: Sampled<Exclude<NonNullable<DriftPolicy['multivariate']>, false>>;
  correlations?: Sampled<Exclude<NonNullable<DriftPolicy['correlations']>, false>>;
}

/** Of no column it is said whether it drifts by itself: `markDrifting` does, once that is known. */
export function judgeTogether({ multivariate, correlations }: TogetherSample): Together {
  return {
    ...(multivariate && {
      multivariate: judgeMultivariate(
        multivariate.columns,
        multivariate.rows,
        multivariate.options,
        multivariate.decides,
      ),
    }),
    ...(correlations && {
      correlations: compareCorrelations(
        correlations.columns,
        correlations.rows,
        correlations.options,
        correlations.decides,
      ),
    }),
  };
}

/** Says of the columns that give the side away which of them drift by themselves. */
export function markDrifting(together: Together, judged: readonly DriftColumn[]): Together {
  if (!together.multivariate) return together;
  const drifting = new Set(
    judged.filter(({ role, status }) => role === 'feature' && status === 'drifts').map(({ name }) => name),
  );
  const columns = together.multivariate.columns.map((column) => ({
    ...column,
    drifts: drifting.has(column.name),
  }));
  return { ...together, multivariate: { ...together.multivariate, columns } };
}
