/** Where the metrics have no number, and say why, though the oracle makes one up. */

const MADE_UP: readonly (readonly [metric: RegExp, why: RegExp])[] = [
  // 0 for 0/0.
  [/^average_precision/, /no row is positive|no row has any label/],
  [/^(precision|recall|f1|jaccard)_(macro|micro|weighted)$/, /^no row /],
  [/^jaccard( of|$)/, /^no row is positive and none is predicted positive$/],
  [/^matthews_corrcoef/, /^only one class|^no row is predicted/],
  // The recall of the one class that there is.
  [/^balanced_accuracy/, /^only one class/],
  // The areas of the other classes.
  [/^roc_auc_(ovo|ovr_weighted|ovo_weighted|weighted)$/, /^no row is of the class|^no row has any label$/],
  [/^top_k_accuracy$/, /makes every row a hit/],
  // 1 where all is met, otherwise 0.
  [/^(r2|explained_variance)$/, /^y_true is the same in every row$|^fewer than two rows$/],
  // Divided by the machine epsilon.
  [/^mean_absolute_percentage_error$/, /^y_true is 0 in/],
  // A row without a prediction counts as one that is not selected.
  [/^selection_rate$/, /^y_pred is empty/],
];

/** @param why there is no number here. */
export const isMadeUp = (name: string, why: string): boolean =>
  MADE_UP.some(([metric, reason]) => metric.test(name) && reason.test(why));
