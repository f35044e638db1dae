/** From what was found to a verdict, to whether a retrain is asked for, and to the sentences that say why. */
import type {
  DriftChunk,
  DriftColumn,
  DriftCorrelations,
  DriftDetection,
  DriftMultivariate,
  DriftPerformance,
} from '../../shared/records/drift-check.ts';
import type { DriftPolicy } from '../../shared/records/drift-policy.ts';
import { type Verdict, worstVerdict } from '../../shared/records/envelope.ts';
import type { SystemHealth } from '../../shared/records/system-health.ts';
import { listNames } from './list-names.ts';
import { togetherFindings, togetherSentences } from './multivariate/sentences.ts';
import { counts, realNames } from './performance/deciding.ts';
import { adwinReason, comparedWithReal, detectorSentences, estimatedBy } from './performance/sentences.ts';
import { systemFindings } from './system-health/sentences.ts';
import { type UnreadableLines, unreadableFindings } from './unreadable-lines.ts';

export interface Findings {
  columns: readonly DriftColumn[];
  performance: readonly DriftPerformance[];
  chunks: readonly DriftChunk[];
  detectors?: readonly DriftDetection[];
  multivariate?: DriftMultivariate;
  correlations?: DriftCorrelations;
  system?: SystemHealth;
  unreadable?: UnreadableLines;
  policy: DriftPolicy;
  /** Whether the input `labels`, or a label column in the data, gave labels for rows of the data. */
  labelsGiven: boolean;
}

export interface Decision {
  verdict: Verdict;
  retrain: boolean;
  reason: string;
  knownBeforeLabels: string[];
  knownWithLabels: string[];
}

const digits = (value: number | null): string => (value === null ? 'unknown' : value.toFixed(4));

/** `the week of 2001-06-11`, `rows 5,001 to 10,000`. */
export function describeChunk(chunk: DriftChunk | undefined): string {
  if (!chunk) return 'an unknown chunk';
  if (chunk.start !== null) return `the chunk from ${chunk.start.replace('T00:00:00.000Z', '')}`;
  return `rows ${chunk.firstRow} to ${chunk.firstRow + chunk.rows - 1}`;
}

/** `roc_auc fell to 0.5120 in the chunk from 2001-06-11: below the limit of 0.5930 (reference 0.6860)`. */
function describeFall(part: DriftPerformance, chunks: readonly DriftChunk[]): string {
  const first = part.worst!;
  const verb = part.greaterIsBetter ? 'fell' : 'rose';
  const side = part.greaterIsBetter ? 'below' : 'above';
  const estimated = part.source === 'estimated' ? 'estimated ' : '';
  const others = part.fallenChunks.length - 1;
  const more = others > 0 ? `, and ${others} more chunk${others === 1 ? '' : 's'}` : '';
  return (
    `${estimated}${part.name} ${verb} to ${digits(first.value)} in ${describeChunk(chunks[first.chunk])}, ${side} its limit ` +
    `of ${digits(part.limit)} (reference ${digits(part.mean)})${more}`
  );
}

function describeWithin(part: DriftPerformance): string {
  const bound = part.greaterIsBetter ? 'at least' : 'at most';
  return `${part.name} stayed within its limit: worst ${digits(part.worst?.value ?? null)}, allowed ${bound} ${digits(part.limit)}`;
}

const columnsOf = (count: number) => `${count} input column${count === 1 ? '' : 's'}`;

/** Sentences on inputs and predictions: what anyone could know on the day. */
function beforeLabels(found: Findings, estimatedFalls: readonly DriftPerformance[]): string[] {
  const features = found.columns.filter((column) => column.role === 'feature' && column.status === 'drifts');
  const predictions = found.columns.filter((column) => column.role === 'prediction');
  const moved = predictions.filter((column) => column.status === 'drifts');
  const judged = found.columns.filter(
    (column) => column.role === 'feature' && ['drifts', 'steady'].includes(column.status),
  );
  const sentences = [
    features.length > 0
      ? `Of ${columnsOf(judged.length)} ${features.length} drifted: ${listNames(features.map((column) => column.name))}.`
      : judged.length === 0
        ? 'No input column was judged.'
        : `No drift in ${columnsOf(judged.length)}.`,
  ];
  if (predictions.length > 0) {
    sentences.push(
      moved.length > 0
        ? `The predictions drifted: ${listNames(moved.map((column) => `${column.name} (effect ${digits(column.effect)})`))}.`
        : 'The predictions did not drift.',
    );
  }
  const estimates = found.performance.filter(
    (part) => part.source === 'estimated' && part.status !== 'not_judged',
  );
  for (const part of estimates) {
    sentences.push(
      estimatedFalls.includes(part)
        ? `Estimated ${estimatedBy(part)}, ${describeFall(part, found.chunks).replace(/^estimated /, '')}.`
        : `Estimated ${estimatedBy(part)}, ${describeWithin(part)}.`,
    );
  }
  if (estimates.length > 0) {
    sentences.push(
      'Such an estimate cannot see a change of what the inputs mean (concept drift): only labels can.',
    );
  }
  return sentences;
}

function withLabels(found: Findings): string[] {
  if (found.policy.performance.length === 0) return ['The policy names no performance metric.'];
  if (!found.labelsGiven) return ['No labels have come yet, so the real performance is not known.'];
  const real = found.performance
    .filter((part) => part.source === 'real')
    .map((part) => {
      if (part.status === 'fell') return `${describeFall(part, found.chunks)}.`;
      if (part.status === 'within') return `${describeWithin(part)}.`;
      return `${part.name} was not judged: ${part.note}.`;
    });
  return [...real, ...comparedWithReal(found.performance)];
}

/**
 * Input drift is not harm: it warns. A retrain is asked for, and the verdict is fail, when the policy's reasons
 * hold: real performance beyond its limit (estimated, for a metric whose real value is not known), or drift of an
 * important column. Columns that are missing or changed type follow `on_missing`, and so do lines that cannot be read.
 */
export function decide(found: Findings): Decision {
  const { policy } = found;
  const realKnown = realNames(found.performance);
  const estimatedFalls = found.performance.filter(
    (part) => part.source === 'estimated' && part.status === 'fell',
  );
  const falls = found.performance.filter((part) => part.status === 'fell' && counts(part, realKnown));
  const drifting = found.columns.filter((column) => column.status === 'drifts');
  const important = drifting.filter((column) => column.role === 'feature' && column.important);
  const lost = found.columns.filter(
    (column) => column.status === 'missing' || column.status === 'type_changed',
  );

  const retrainReasons: string[] = [];
  if (policy.retrain_when.includes('performance')) {
    retrainReasons.push(...falls.map((part) => describeFall(part, found.chunks)));
  }
  if (policy.retrain_when.includes('important_drift') && important.length > 0) {
    const names = important.map(
      (column) =>
        `${column.name} (effect ${digits(column.nulls?.drifts ? column.nulls.effect : column.effect)})`,
    );
    retrainReasons.push(`important columns drifted: ${listNames(names)}`);
  }
  const [ofPredictions, ofErrors] = [true, false].map((isOf) =>
    (found.detectors ?? []).filter(({ stream }) => (stream === 'predictions') === isOf),
  ) as [DriftDetection[], DriftDetection[]];
  const risen = adwinReason(found.detectors ?? [], policy);
  if (risen) retrainReasons.push(risen);
  const together = togetherFindings(found);
  retrainReasons.push(
    ...together.filter(({ part }) => policy.retrain_when.includes(part)).map(({ reason }) => reason),
  );
  const retrain = retrainReasons.length > 0;

  const verdicts: Verdict[] = ['pass'];
  const reasons: string[] = [];
  if (retrain) {
    verdicts.push('fail');
    reasons.push(`a retrain is asked for: ${retrainReasons.join('; ')}`);
  }
  if (lost.length > 0) {
    verdicts.push(policy.defaults.on_missing ?? 'fail');
    reasons.push(lost.map((column) => `column ${column.name} ${column.note}`).join('; '));
  }
  const unreadable = unreadableFindings(found.unreadable);
  verdicts.push(...unreadable.verdicts);
  reasons.push(...unreadable.reasons);
  if (!retrain && falls.length > 0) {
    verdicts.push('warn');
    reasons.push(
      `performance: ${falls.map((part) => describeFall(part, found.chunks)).join('; ')}; the policy does not retrain for it`,
    );
  }
  if (drifting.length > 0) {
    verdicts.push('warn');
    const harm = retrain || falls.length > 0 ? '' : realKnown.size > 0 ? ', without harm to performance' : '';
    reasons.push(`drift in ${listNames(drifting.map((column) => column.name))}${harm}`);
  }
  for (const { part, reason } of together) {
    verdicts.push('warn');
    if (!policy.retrain_when.includes(part)) reasons.push(reason);
  }
  for (const part of [found.multivariate, found.correlations]) {
    if (!part?.decides || part.status !== 'not_judged') continue;
    verdicts.push('inconclusive');
    reasons.push(
      `no verdict on ${part === found.multivariate ? 'the columns together' : 'correlations'}: ${part.note}`,
    );
  }
  const judged = found.columns.filter(({ status }) => status === 'drifts' || status === 'steady').length;
  if (judged === 0) {
    verdicts.push('inconclusive');
    reasons.push('no column could be judged');
  } else if (drifting.length === 0) {
    reasons.push(`no drift in ${judged} column${judged === 1 ? '' : 's'}`);
    if (realKnown.size > 0 && falls.length === 0)
      reasons.push(`performance within limits (${listNames([...realKnown])})`);
  }
  const unjudged = found.performance
    .filter((part) => part.source === 'real' && part.status === 'not_judged')
    .map((part) => part.name);
  if (unjudged.length > 0 && found.labelsGiven) {
    verdicts.push('inconclusive');
    reasons.push(`no verdict on ${listNames(unjudged)} although labels were given`);
  } else if (unjudged.length > 0) {
    const estimates = found.performance.filter(
      (part) => part.source === 'estimated' && part.status === 'within' && counts(part, realKnown),
    );
    const estimated =
      estimates.length === 0
        ? ''
        : `, and the estimate is within its limit (${listNames(estimates.map(({ name }) => name))})`;
    reasons.push(`real performance is not known yet, for no labels have come${estimated}`);
  }
  const system = systemFindings(found.system);
  verdicts.push(...system.verdicts);
  reasons.push(...system.reasons);
  return {
    verdict: worstVerdict(verdicts),
    retrain,
    // Every reason begins with a word of ours, so that no name of a column is given a capital.
    reason: `${reasons.join('; ')}.`.replace(/^./, (letter) => letter.toUpperCase()),
    knownBeforeLabels: [
      ...beforeLabels(found, estimatedFalls),
      ...togetherSentences(found),
      ...detectorSentences(ofPredictions, policy),
    ],
    knownWithLabels: [...withLabels(found), ...detectorSentences(ofErrors, policy)],
  };
}
