/** How many samples a verdict needs, counted in what intervals are of: rows, or what the rows come in. */
import { counted } from '../../../shared/metrics/counted.ts';
import { CLUSTERS, QUERIES } from '../../../shared/metrics/sufficiency.ts';
import type { OBSERVED } from '../../../shared/records/evaluation.ts';
import type { Rule } from '../policy/rules.ts';

type Sampled = (typeof OBSERVED)[number] | 'rows';

/** Of whole queries, clusters and series as many as their intervals need; of rows more, since they are cheap. */
const LEAST: Record<Sampled, number> = { rows: 200, queries: QUERIES, clusters: CLUSTERS, series: CLUSTERS };
const SINGULAR: Record<Sampled, string> = {
  rows: 'row',
  queries: 'query',
  clusters: 'cluster',
  series: 'series',
};

/** What the policy asks for, or else what is usual. @param of what one sample is. */
export const leastSamples = (rule: Pick<Rule, 'minSamples'>, of: Sampled = 'rows'): number =>
  rule.minSamples ?? LEAST[of];

/** `1 query`, `40 clusters`. */
export const countedOf = (count: number, of: Sampled): string =>
  count === 1 ? counted(1, SINGULAR[of]) : `${count} ${of}`;
