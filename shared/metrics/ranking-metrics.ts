/** The metrics of rankings: each query is one observation. */
import { type Entry, type MetricDefinition, SHARE } from './metric-definition.ts';
import {
  averagePrecisionOfQuery,
  meanOverQueries,
  ndcg,
  precisionAt,
  recallAt,
  reciprocalRank,
} from './queries.ts';

const TIES = 'mean over the orders of equal scores';

function ranking(
  name: string,
  source: string,
  metric: typeof ndcg,
  aliases: string[],
  more: Partial<MetricDefinition> = { parameters: ['k'] },
): Entry {
  return [
    name,
    'higher',
    'scores',
    'paired mean',
    `${source}; ${TIES}`,
    (rows, parameters) => meanOverQueries(metric, rows, parameters),
    aliases,
    { ...SHARE, ...more },
  ];
}

const NEEDS_K = { parameters: ['k'], required: ['k'] } as const;

export const RANKING: Entry[] = [
  ranking('ndcg', 'ndcg_score of each query, 0 where nothing is relevant', ndcg, ['NDCG']),
  ranking('mrr', 'trec_eval’s recip_rank, 0 where nothing is relevant', reciprocalRank, [
    'MRR',
    'mean_reciprocal_rank',
  ]),
  ranking(
    'map',
    'trec_eval’s map and map_cut: divided by all relevant rows, not by the smaller of them and k',
    averagePrecisionOfQuery,
    ['MAP', 'mean_average_precision'],
  ),
  ranking(
    'recall',
    'trec_eval’s recall, 0 where nothing is relevant',
    recallAt,
    ['RECALL', 'Recall'],
    NEEDS_K,
  ),
  ranking(
    'precision',
    'trec_eval’s P: divided by k, however many rows there are',
    precisionAt,
    ['PRECISION', 'Precision'],
    NEEDS_K,
  ),
];
