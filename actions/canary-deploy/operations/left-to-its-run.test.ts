import { expect, test } from 'vitest';
import { TargetInUse } from '../targets/target-in-use.ts';
import { leftToItsRun } from './left-to-its-run.ts';

const model = (letter: string) => ({
  digest: `sha256:${letter.repeat(64)}`,
  uri: `oci-layout:r/churn@${letter}`,
});
const inUse = (champion: ReturnType<typeof model> | null) =>
  new TargetInUse('in use', {}, { champion, challenger: null, progress: undefined, address: null });

test('what is known of a run that has stored nothing yet is what serves, or the last record', () => {
  expect(leftToItsRun(inUse(model('a')), model('b'))).toMatchObject({
    ...{
      outcome: 'rolling',
      verdict: 'inconclusive',
      subject: model('a').digest,
      serving: model('a').digest,
    },
    reason: 'Another run is at work here, and everything was left to it.',
  });
  expect(leftToItsRun(inUse(null), model('b'))).toMatchObject({ subject: model('b').digest, serving: null });
  expect(leftToItsRun(inUse(null), undefined)).toBeUndefined();
});
