/** What an Evaluation holds beside its metrics: curves, groups, weak slices, load, attributions. */
import type { Evaluation, ModelCurves } from '../records/evaluation.ts';

/** @param power of the ROC curve: smaller is better. */
export function sampleCurves(power: number): ModelCurves {
  const along = Array.from({ length: 100 }, (_, index) => index / 99);
  const recall = (share: number) => share ** power;
  const precision = (share: number) => (0.24 * recall(share)) / (0.24 * recall(share) + 0.76 * share);
  return {
    roc: along.map((share) => [share, recall(share)]),
    precisionRecall: along.slice(1).map((share) => [recall(share), precision(share)]),
    operatingPoint: {
      threshold: 0.5,
      falsePositiveRate: 0.2,
      truePositiveRate: recall(0.2),
      precision: precision(0.2),
    },
    expectedCalibrationError: 0.05 * power,
    calibration: Array.from({ length: 8 }, (_, bin) => ({
      score: 0.05 + bin * 0.1,
      positives: Math.min(1, (0.05 + bin * 0.1) * (0.8 + 0.4 * power) + 0.02),
      rows: Math.round(8000 * Math.exp(-bin / 1.4)),
    })),
    histogram: Array.from({ length: 20 }, (_, bin) =>
      Math.round(4000 * Math.exp(-((bin - 3 * power) ** 2) / 12)),
    ),
  };
}

/** Milliseconds by share of the requests: most are fast, a few are slow. */
function sampleQuantiles(scale: number): [number, number][] {
  const shares = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];
  return shares.map((share) => [share, Math.round(10 * scale * (8 - 3 * Math.log(1 - share))) / 10]);
}

type Parts = Pick<
  Evaluation,
  | 'curves'
  | 'confusion'
  | 'fairnessGroups'
  | 'weakSlices'
  | 'thresholdSuggestion'
  | 'load'
  | 'attributions'
  | 'waivers'
>;

/** What the feature of the sample is called when nothing hostile is asked for. */
export const FEATURE = 'origin';

/** @param hostile a text that stands wherever a name or a value of the data may. */
export function sampleParts(hostile: string): Parts {
  const value = (usual: string): string => (hostile === FEATURE ? usual : hostile);
  const group = (carrier: string, rows: number, champion: number | null, challenger: number | null) => ({
    metric: 'recall',
    group: { carrier },
    rows,
    champion,
    challenger,
  });
  return {
    curves: { champion: sampleCurves(0.55), challenger: sampleCurves(0.45) },
    confusion: {
      labels: ['on time', value('late')],
      champion: [
        [9000, 2400],
        [3100, 2258],
      ],
      challenger: [
        [9200, 2200],
        [2900, 2458],
      ],
    },
    fairnessGroups: [
      group(value('UA'), 900, 0.4, 0.45),
      group('AA', 4100, 0.39, 0.46),
      group('WN', 1200, 0.42, 0.44),
      group('DL', 2600, 0.44, 0.43),
      group('HA', 61, null, null),
      ...[value('UA'), 'AA', 'WN', 'DL'].map((carrier, index) => ({
        ...group(carrier, 1000 + index, 0.2 - 0.02 * index, 0.19 - 0.01 * index),
        metric: 'selection_rate',
      })),
    ],
    weakSlices: {
      loss: 'wrong labels',
      features: [hostile, 'hour'],
      found: [
        weakSlice({ [hostile]: 'ORD', hour: '17 to 20' }, 412, 0.41, [0.11, 0.23]),
        weakSlice({ hour: '20 to 23' }, 1830, 0.31, [0.04, 0.1]),
      ],
    },
    thresholdSuggestion: {
      maximize: 'f1',
      current: 0.5,
      currentValue: 0.41,
      suggested: 0.27,
      suggestedValue: 0.47,
    },
    load: {
      from: 'serve-command',
      requestsPerSecond: 20,
      warmUpSeconds: 5,
      champion: { requests: 600, errors: 0, quantiles: sampleQuantiles(1) },
      challenger: { requests: 600, errors: 1, quantiles: sampleQuantiles(1.15) },
    },
    attributions: [
      { feature: hostile, champion: 0.31, challenger: 0.29 },
      { feature: 'departure_hour', champion: 0.22, challenger: 0.11 },
      { feature: 'distance', champion: 0.12, challenger: 0.14 },
      { feature: 'carrier', champion: 0.05, challenger: 0.06 },
      { feature: 'weekday', champion: null, challenger: 0.02 },
    ],
    waivers: [
      {
        name: 'recall',
        parameters: null,
        slice: { [hostile]: 'ORD' },
        owner: 'data team',
        reason: value('few rows until spring'),
        expires: '2026-12-31',
        status: 'unused',
      },
    ],
  };
}

function weakSlice(
  features: Record<string, string>,
  rows: number,
  inside: number,
  interval: [number, number],
): NonNullable<Evaluation['weakSlices']>['found'][number] {
  return {
    features,
    rows,
    inside,
    outside: 0.24,
    interval,
    adjustedPValue: 0.00002,
    champion: inside + 0.02,
  };
}
