/**
 * How often detectors, with their defaults, alarm on streams of 10,000 that do not change: what a reader must know
 * before believing an alarm. `npm run bench -- estimate-simulation` draws them anew.
 */
import type { DriftDetection } from '../../../shared/records/drift-check.ts';

type Name = DriftDetection['name'];

/** Percent of streams with any alarm; undefined where the detector does not take such values. */
export const FALSE_ALARM_PERCENT: Record<Name, { errors?: number; numbers?: number }> = {
  adwin: { errors: 0, numbers: 1 },
  page_hinkley: { errors: 20, numbers: 100 },
  ddm: { errors: 28 },
  kswin: { numbers: 100 },
};

/** `20 % of streams of 10,000 rows without a change`. */
export function falseAlarmText({ name, stream }: Pick<DriftDetection, 'name' | 'stream'>): string {
  const known = FALSE_ALARM_PERCENT[name];
  const percent = (stream === 'errors' ? known.errors : undefined) ?? known.numbers ?? known.errors;
  return `${percent} % of streams of 10,000 rows without a change`;
}
