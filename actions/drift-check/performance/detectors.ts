/** Detectors of change over each row's error in time order, the reference before the data. */
import { type ErrorLocation, UserError } from '../../../shared/errors.ts';
import type { DriftDetection } from '../../../shared/records/drift-check.ts';
import type { DriftDetector, DriftPolicy } from '../../../shared/records/drift-policy.ts';
import { adwin } from '../../../shared/stats/change-detection/adwin.ts';
import { ddm } from '../../../shared/stats/change-detection/ddm.ts';
import { type ChangeDetector, findAlarms } from '../../../shared/stats/change-detection/detector.ts';
import { kswin } from '../../../shared/stats/change-detection/kswin.ts';
import { pageHinkley } from '../../../shared/stats/change-detection/page-hinkley.ts';
import type { PerformanceTask } from '../performance.ts';
import type { DriftTable } from '../table.ts';

const DETECTORS: Record<DriftDetector, () => ChangeDetector> = {
  adwin: () => adwin(),
  page_hinkley: () => pageHinkley(),
  ddm: () => ddm(),
  kswin: () => kswin(),
};

/** Alarms that the record keeps. */
const KEPT_ALARMS = 20;
/** Rows before an alarm that say in which direction it went. */
const RECENT_ROWS = 100;
const THRESHOLD = 0.5;

export interface ErrorStream {
  kind: DriftDetection['stream'];
  values: Float64Array;
  /** Of each value the row of its side, from 0; those of the reference come first. */
  rows: Uint32Array;
  referenceRows: number;
}

/**
 * Errors where rows of the data are labelled, otherwise predictions; undefined where there are neither.
 * @param task undefined: told from the labels.
 */
export function errorStream(
  sides: { reference: DriftTable; data: DriftTable },
  task: PerformanceTask | undefined,
): ErrorStream | undefined {
  const isClassifier = task ? task !== 'regression' : hasScores(sides);
  const errorsOf = (table: DriftTable): Float64Array | undefined => rowErrors(table, isClassifier);
  const data = errorsOf(sides.data);
  if (data?.some(Number.isFinite)) {
    return join(isClassifier ? 'errors' : 'absolute_errors', errorsOf(sides.reference), data);
  }
  const predictionsOf = ({ scores, classScores, predictions }: DriftTable) =>
    scores ?? classScores?.[0] ?? predictions;
  const now = predictionsOf(sides.data);
  return now && join('predictions', predictionsOf(sides.reference), now);
}

const hasScores = ({ reference, data }: { reference: DriftTable; data: DriftTable }): boolean =>
  [reference, data].some((table) => table.scores !== undefined || table.classScores !== undefined);

function rowErrors(
  { labels, predictions, scores }: DriftTable,
  isClassifier: boolean,
): Float64Array | undefined {
  if (!labels) return undefined;
  const answers = predictions ?? (isClassifier ? scores?.map(toLabel) : undefined);
  if (!answers) return undefined;
  return labels.map((label, row) => {
    const error = label - answers[row]!;
    return isClassifier && Number.isFinite(error) ? Number(error !== 0) : Math.abs(error);
  });
}

const toLabel = (score: number): number => (Number.isNaN(score) ? score : Number(score >= THRESHOLD));

function join(kind: ErrorStream['kind'], before: Float64Array | undefined, now: Float64Array): ErrorStream {
  const rowsOf = (values: Float64Array) =>
    Array.from(values.keys()).filter((row) => Number.isFinite(values[row]!));
  const rowsBefore = before ? rowsOf(before) : [];
  const rowsNow = rowsOf(now);
  return {
    kind,
    values: Float64Array.from([
      ...rowsBefore.map((row) => before![row]!),
      ...rowsNow.map((row) => now[row]!),
    ]),
    rows: Uint32Array.from([...rowsBefore, ...rowsNow]),
    referenceRows: rowsBefore.length,
  };
}

/** @throws UserError when a retrain is to be asked for by a detector that is not run. */
export function requireDetectors({ detectors, retrain_when }: DriftPolicy, where: ErrorLocation): void {
  if (!retrain_when.includes('adwin') || detectors.includes('adwin')) return;
  throw new UserError('retrain_when names adwin, and detectors does not, so it would never be asked for.', {
    where,
    fix: 'Write detectors: [adwin] into the policy.',
  });
}

/** What each detector of the policy sees. */
export function runDetectors(
  { detectors }: Pick<DriftPolicy, 'detectors'>,
  stream: ErrorStream | undefined,
  timestamps: Float64Array | undefined,
): DriftDetection[] {
  return detectors.map((name): DriftDetection => {
    const nothing = { referenceAlarms: 0, dataAlarms: 0, dataWarnings: 0, alarms: [] };
    if (!stream) {
      const note = 'there are no labels and no predictions';
      return { name, stream: 'predictions', referenceRows: 0, dataRows: 0, ...nothing, note };
    }
    const { kind, values, rows, referenceRows } = stream;
    const about = { name, stream: kind, referenceRows, dataRows: values.length - referenceRows };
    if (name === 'ddm' && kind !== 'errors') {
      return { ...about, ...nothing, note: 'it takes errors of 0 and 1, so the labels of a classifier' };
    }
    const { drifts, warnings } = findAlarms(DETECTORS[name](), values);
    const inData = drifts.filter((at) => at >= referenceRows);
    const before = meanOf(values, 0, referenceRows);
    return {
      ...about,
      referenceAlarms: drifts.length - inData.length,
      dataAlarms: inData.length,
      dataWarnings: warnings.filter((at) => at >= referenceRows).length,
      alarms: inData.slice(0, KEPT_ALARMS).map((at) => {
        const row = rows[at]!;
        const time = timestamps?.[row];
        return {
          row: row + 1,
          time: time === undefined ? null : new Date(time).toISOString(),
          rose: meanOf(values, Math.max(0, at + 1 - RECENT_ROWS), at + 1) > before,
        };
      }),
      note: '',
    };
  });
}

function meanOf(values: Float64Array, first: number, end: number): number {
  let sum = 0;
  for (let at = first; at < end; at++) sum += values[at]!;
  return end > first ? sum / (end - first) : Number.NEGATIVE_INFINITY;
}

/** The first alarm of ADWIN in the data's errors after which they were larger than the reference's. */
export function adwinRise(
  detectors: readonly DriftDetection[],
): DriftDetection['alarms'][number] | undefined {
  const found = detectors.find((one) => one.name === 'adwin' && one.stream !== 'predictions');
  // Without a reference nothing says what the errors rose from.
  return found && found.referenceRows > 0 ? found.alarms.find((alarm) => alarm.rose) : undefined;
}
