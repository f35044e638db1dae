/** What the measures of drift are called, and their units. */
const MEASURES: Record<string, { name: string; unit: string; meaning: string }> = {
  wasserstein: {
    name: 'Wasserstein',
    unit: 'sd',
    meaning: 'Wasserstein distance in standard deviations of the reference (sd)',
  },
  jensen_shannon: { name: 'Jensen–Shannon', unit: '', meaning: 'Jensen–Shannon distance' },
  kolmogorov_smirnov: { name: 'Kolmogorov–Smirnov', unit: '', meaning: 'Kolmogorov–Smirnov distance' },
  hellinger: { name: 'Hellinger', unit: '', meaning: 'Hellinger distance' },
  total_variation: { name: 'total variation', unit: '', meaning: 'total variation distance' },
  l_infinity: { name: 'L∞', unit: '', meaning: 'largest difference of a share (L∞)' },
  cramers_v: { name: 'Cramér’s V', unit: '', meaning: 'Cramér’s V' },
  chi_squared: { name: 'χ²', unit: '', meaning: 'χ² statistic, which grows with the rows' },
  jensen_shannon_distance: {
    name: 'Jensen–Shannon, as it is',
    unit: '',
    meaning: 'Jensen–Shannon distance without correction',
  },
  psi: { name: 'PSI', unit: '', meaning: 'population stability index' },
};

/** `Wasserstein, sd`: a measure with its unit, for an axis or a cell; a dash where nothing was measured. */
export function measureName(measure: string | null): string {
  const { name, unit } = MEASURES[measure ?? ''] ?? { name: measure ?? '–', unit: '' };
  return unit ? `${name}, ${unit}` : name;
}

/** ` sd`, or nothing where the measure has no unit: to stand after a number. */
export function measureUnit(measure: string | null): string {
  const unit = MEASURES[measure ?? '']?.unit;
  return unit ? `\u00a0${unit}` : '';
}

/** The measure in words, with its unit. */
export function measureMeaning(measure: string): string {
  return MEASURES[measure]?.meaning ?? measure;
}
