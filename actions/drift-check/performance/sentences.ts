/** What is said of estimates beside real values, and of detectors, in plain sentences. */
import { capitalized } from '../../../shared/capitalized.ts';
import type { DriftDetection, DriftPerformance } from '../../../shared/records/drift-check.ts';
import type { DriftPolicy } from '../../../shared/records/drift-policy.ts';
import { isContradicted, realNames } from './deciding.ts';
import { adwinRise } from './detectors.ts';
import { falseAlarmText } from './false-alarms.ts';

export const DETECTOR_NAMES: Record<DriftDetection['name'], string> = {
  adwin: 'ADWIN',
  page_hinkley: 'Page–Hinkley',
  ddm: 'DDM',
  kswin: 'KSWIN',
};

export const STREAM_NAMES: Record<DriftDetection['stream'], string> = {
  errors: 'errors',
  absolute_errors: 'absolute errors',
  predictions: 'predictions',
};

/** How an estimate was made. */
export const estimatedBy = ({ method }: Pick<DriftPerformance, 'method'>): string =>
  method === 'DLE' ? 'by a model of the loss' : 'from the scores alone';

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const list = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** Which of real and estimated performance decided; undefined where none was judged. */
export function decidedBy(performance: readonly DriftPerformance[]): string | undefined {
  const real = realNames(performance);
  const estimated = performance
    .filter((part) => part.source === 'estimated' && part.status !== 'not_judged' && !real.has(part.name))
    .map((part) => part.name);
  const parts = [
    ...(real.size > 0 ? [`the real value decided on ${list([...real])}`] : []),
    ...(estimated.length > 0
      ? [`the estimate decided on ${list(estimated)}, whose real value is not known`]
      : []),
  ];
  if (parts.length === 0) return undefined;
  const [first, ...others] = parts;
  return `${capitalized(first!)}${others.map((part) => `; ${part}`).join('')}.`;
}

/** What the real values say of each estimate. */
export function comparedWithReal(performance: readonly DriftPerformance[]): string[] {
  return performance.flatMap((part) => {
    if (!part.held || part.held.chunks === 0) return [];
    const { chunks, within } = part.held;
    const held = `The interval of the estimated ${part.name} held the real value in ${within} of ${plural(chunks, 'chunk')}`;
    return isContradicted(part)
      ? [
          `${held}: the estimate is wrong here, as it is where inputs have come to mean something else (concept drift).`,
        ]
      : [`${held}.`];
  });
}

/** `row 5,120 (2001-06-11)` */
export const alarmPlace = ({ row, time }: DriftDetection['alarms'][number]): string =>
  `row ${row}${time === null ? '' : ` (${time.replace('T00:00:00.000Z', '')})`}`;

/** What each detector saw, and how often it sees something where nothing is. */
export function detectorSentences(
  detectors: readonly DriftDetection[],
  policy: Pick<DriftPolicy, 'retrain_when'>,
): string[] {
  return detectors.map((found) => {
    const name = DETECTOR_NAMES[found.name];
    if (found.note) return `${name} was not run: ${found.note}.`;
    const of = STREAM_NAMES[found.stream];
    const [first] = found.alarms;
    const what = first
      ? `${name} saw the ${of} change ${found.dataAlarms === 1 ? 'once' : `${found.dataAlarms} times`}, first at ${alarmPlace(first)}`
      : `${name} saw no change of the ${of}`;
    const mayAsk = found.name === 'adwin' && policy.retrain_when.includes('adwin');
    const role = mayAsk ? '' : ', and asks for nothing';
    return `${what}; it alarms on ${falseAlarmText(found)}${role}.`;
  });
}

/** The reason to retrain that ADWIN gives, where the policy lets it. */
export function adwinReason(
  detectors: readonly DriftDetection[],
  policy: Pick<DriftPolicy, 'retrain_when'>,
): string | undefined {
  const rise = policy.retrain_when.includes('adwin') ? adwinRise(detectors) : undefined;
  return rise && `ADWIN saw the errors rise at ${alarmPlace(rise)}`;
}
