/** Whether two numbers were computed on the same data in the same way, as far as their files say. */
import { counted } from '../../../shared/metrics/counted.ts';
import type { MetricNumber } from './metrics-format.ts';

/** What is different, as a sentence; undefined where nothing speaks against a comparison. */
export function whyNotComparable(first: MetricNumber, second: MetricNumber): string | undefined {
  const { basis: one = {}, cases: ours } = first;
  const { basis: other = {}, cases: theirs } = second;
  for (const [name, value] of Object.entries(one)) {
    if (!Object.hasOwn(other, name) || other[name] === value) continue;
    return `the ${name} is ${shortened(value)} of one and ${shortened(other[name]!)} of the other`;
  }
  return ours && theirs && whyOtherCases(ours, theirs);
}

function whyOtherCases(
  ours: NonNullable<MetricNumber['cases']>,
  theirs: NonNullable<MetricNumber['cases']>,
): string | undefined {
  const onlyOurs = [...ours.keys()].filter((id) => !theirs.has(id)).length;
  const onlyTheirs = [...theirs.keys()].filter((id) => !ours.has(id)).length;
  if (onlyOurs + onlyTheirs > 0) {
    return `${counted(onlyOurs, 'test')} only in one file and ${counted(onlyTheirs, 'test')} only in the other`;
  }
  const changed = [...ours].filter(([id, { asked }]) => theirs.get(id)?.asked !== asked).length;
  return changed > 0 ? `${changed} of ${ours.size} tests were asked or judged otherwise` : undefined;
}

/** Of hashes the beginning tells enough. */
const shortened = (value: string): string => (value.length > 40 ? `${value.slice(0, 12)}…` : value);
