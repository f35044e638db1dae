/** Every measure of drift: for which columns, by which formula, and which tools users know it from. */
import type { DriftMeasure } from '../../shared/records/drift-policy.ts';

export interface MeasureEntry {
  title: string;
  kinds: readonly ('numeric' | 'categorical' | 'boolean' | 'text' | 'timestamp')[];
  /** How it is computed, and where the formula comes from. */
  formula: string;
  /** Where users know it from. */
  knownFrom: string;
}

const COUNTED = ['numeric', 'categorical', 'boolean'] as const;

/** By the word of the policy, or by what else drift-check looks at. */
export const DRIFT_MEASURE_CATALOGUE: Record<DriftMeasure, MeasureEntry> = {
  wasserstein: {
    title: 'Wasserstein distance',
    kinds: ['numeric'],
    formula:
      '∫|F₁ − F₂| in standard deviations of the reference (scipy `wasserstein_distance`); the default of numbers',
    knownFrom: 'evidently `wasserstein`, NannyML `wasserstein` (there not divided)',
  },
  kolmogorov_smirnov: {
    title: 'Kolmogorov–Smirnov distance',
    kinds: ['numeric'],
    formula: 'sup |F₁ − F₂|; p by Kolmogorov’s limit (scipy `ks_2samp`, `kstwobign`)',
    knownFrom: 'evidently `ks`, NannyML `kolmogorov_smirnov`, deepchecks',
  },
  jensen_shannon: {
    title: 'Jensen–Shannon distance, less its bias',
    kinds: COUNTED,
    formula: '√max(0, JSD − (k−1)(1/n+1/m)/8) in nats; the default of categories',
    knownFrom: 'TFDV `jensen_shannon_divergence` and evidently `jensenshannon`, without the correction',
  },
  jensen_shannon_distance: {
    title: 'Jensen–Shannon distance',
    kinds: COUNTED,
    formula: '√JSD in nats (scipy `jensenshannon`)',
    knownFrom: 'evidently `jensenshannon`; NannyML `jensen_shannon`, in base 2: multiply its limit by 0.8326',
  },
  psi: {
    title: 'Population stability index',
    kinds: COUNTED,
    formula: 'Σ(p−q)·ln(p/q), an empty cell counts as 0.0001',
    knownFrom: 'evidently `psi`, deepchecks',
  },
  hellinger: {
    title: 'Hellinger distance',
    kinds: COUNTED,
    formula: '√(½Σ(√p−√q)²)',
    knownFrom: 'evidently `hellinger`, NannyML `hellinger`',
  },
  total_variation: {
    title: 'Total variation distance',
    kinds: COUNTED,
    formula: '½Σ|p−q|',
    knownFrom: 'evidently `TVD`',
  },
  l_infinity: {
    title: 'L∞ distance',
    kinds: COUNTED,
    formula: 'max|p−q| (scipy `chebyshev`)',
    knownFrom: 'TFDV `infinity_norm`, NannyML `l_infinity`',
  },
  cramers_v: {
    title: 'Cramér’s V',
    kinds: COUNTED,
    formula: '√(χ²/(n+m)) of two rows of counts (scipy `contingency.association`)',
    knownFrom: 'deepchecks',
  },
  chi_squared: {
    title: 'χ² of homogeneity',
    kinds: COUNTED,
    formula: 'Σ(observed − expected)²/expected over both samples (scipy `chi2_contingency`)',
    knownFrom: 'evidently `chisquare` (there of goodness of fit), NannyML `chi2`',
  },
};

/** What is looked at beside single measures. */
export const DRIFT_FINDING_CATALOGUE: Record<string, MeasureEntry> = {
  null_share: {
    title: 'Null share',
    kinds: ['numeric', 'categorical', 'boolean', 'text', 'timestamp'],
    formula: 'χ² of homogeneity of null and not null, with the corrected Jensen–Shannon distance',
    knownFrom: 'NannyML `MissingValuesCalculator`, TFDV `FEATURE_TYPE_LOW_FRACTION_PRESENT`',
  },
  text: {
    title: 'Text: length and vocabulary',
    kinds: ['text'],
    formula:
      'number of characters, and mean surprise of a row’s words under half of the reference, each as a number',
    knownFrom: 'evidently `TextLength`, `OOVWordsPercentage`, deepchecks `PropertyDrift`',
  },
  timestamp: {
    title: 'Times: hour of the day and weekday',
    kinds: ['timestamp'],
    formula:
      'χ² of homogeneity over hours and weekdays of whole cycles, where the policy says kind: timestamp',
    knownFrom: 'other tools look at recency alone (dbt `recency`)',
  },
  correlations: {
    title: 'Changes of correlation',
    kinds: ['numeric'],
    formula:
      'Spearman’s ρ, Fisher’s z with the larger of the variances of Bonett & Wright (2000) and of the values, Benjamini–Yekutieli over pairs',
    knownFrom: 'evidently `DatasetCorrelations`',
  },
  multivariate: {
    title: 'Domain classifier',
    kinds: COUNTED,
    formula:
      'AUC of gradient boosted trees on rows they did not learn from, one-sided Mann–Whitney, DeLong’s interval',
    knownFrom:
      'NannyML `DomainClassifierCalculator`, deepchecks `MultivariateDrift`, evidently `perc_text_content_drift` (of texts)',
  },
};
