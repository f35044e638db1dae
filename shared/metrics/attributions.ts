/** How alike two models' attributions of their predictions to features are. */
import { meanOverQueries, ndcg } from './queries.ts';
import { type MetricValue, noValue } from './rows.ts';

/** Size of the attribution (mean |SHAP value|, importance) by feature. */
export type Attributions = ReadonlyMap<string, number>;

/**
 * The champion's attributions in the challenger's order of features, discounted by position, over the same in the
 * champion's own order: 1 when both rank alike (feature attribution drift of Amazon SageMaker Clarify, "NDCG"; as
 * scikit-learn's `ndcg_score([champion], [challenger])`, the mean over the orders of equal attributions).
 * Features that one model lacks count as 0. A description of these two sets of attributions, not an estimate: a
 * jackknife over rows of SHAP values covered 62 to 98 % where features are nearly tied, so no interval is given.
 */
export function attributionNdcg(champion: Attributions, challenger: Attributions): MetricValue {
  const features = [...new Set([...champion.keys(), ...challenger.keys()])];
  if (features.length === 0) return noValue('there is no feature');
  const sizes = (side: Attributions): Float64Array =>
    Float64Array.from(features, (feature) => Math.abs(side.get(feature) ?? 0));
  const [truth, score] = [sizes(champion), sizes(challenger)];
  if (truth.every((size) => size === 0)) return noValue("all of the champion's attributions are 0");
  return meanOverQueries(
    ndcg,
    { truth, score, groups: { of: new Int32Array(features.length), count: 1 } },
    {},
  );
}

export interface FeatureAttribution {
  feature: string;
  /** Null where the model has no such feature. */
  champion: number | null;
  challenger: number | null;
}

/** The features that weigh most with either model, by their share of its largest; the largest first. */
export function largestAttributions(
  champion: Attributions | undefined,
  challenger: Attributions,
  limit: number,
): FeatureAttribution[] {
  const largest = (side: Attributions | undefined): number =>
    [...(side?.values() ?? [])].reduce((most, size) => Math.max(most, Math.abs(size)), Number.MIN_VALUE);
  const of = { champion: largest(champion), challenger: largest(challenger) };
  const weight = (entry: FeatureAttribution): number =>
    Math.max(Math.abs(entry.champion ?? 0) / of.champion, Math.abs(entry.challenger ?? 0) / of.challenger);
  return [...new Set([...challenger.keys(), ...(champion?.keys() ?? [])])]
    .map((feature) => ({
      feature,
      champion: champion?.get(feature) ?? null,
      challenger: challenger.get(feature) ?? null,
    }))
    .sort((a, b) => weight(b) - weight(a) || (a.feature < b.feature ? -1 : 1))
    .slice(0, limit);
}
