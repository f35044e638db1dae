import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Deployment, DeploymentEvent } from '../../../shared/records/deployment.ts';
import { RecordFolder } from '../../../shared/records/folder.ts';
import { writeRecordText } from '../../../shared/records/text.ts';
import { decide } from '../engine/decide.ts';
import { continueStep, pauseStep, withEvent } from '../engine/engine.ts';
import { makePlan } from '../engine/plan.ts';
import { play, rollout } from '../fixtures/played-rollout.ts';
import { makeRecord } from '../make-record.ts';
import { plainResult } from './operation.ts';
import { replayRecord } from './replay.ts';

const source = { repository: null, commit: null, runUrl: null };
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const rules = rollout({
  steps: [
    { weight: 10, bake: '2m' },
    { weight: 50, bake: '2m', pause: true },
  ],
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Of a rollout that paused after its last step, as a later look ended it. */
async function replayed(outcome: Deployment['outcome'], kinds: DeploymentEvent['kind'][]) {
  const { state } = play(rules, { requests: 4000 });
  const event = (kind: DeploymentEvent['kind']) => ({
    ...{ at: new Date(0).toISOString(), kind, weight: 50, reason: 'of a test.' },
  });
  const ended = kinds.reduce((before, kind) => withEvent(before, event(kind)), pauseStep(state));
  const record = makeRecord(
    plainResult({
      ...{ outcome, verdict: 'pass', reason: 'of a test.', subject: digest('b') },
      ...{ rollout: rules, state: ended },
    }),
    {
      ...{ name: 'churn', source, createdAt: new Date(0), operation: 'continue', target: 'local' },
      endpoint: null,
    },
  );
  const path = join(folder, 'record.json');
  await writeFile(path, writeRecordText(record));
  expect(decide(makePlan(rules), continueStep(pauseStep(state))).kind).toBe('promote');
  const deps = { records: new RecordFolder(folder, 'churn'), source, now: () => new Date(0) };
  return replayRecord({ record: path, name: 'churn' }, deps);
}

test('a pause after the last step that a person let go on is a promotion', async () => {
  expect(await replayed('promoted', ['pause', 'continue'])).toMatchObject({ verdict: 'pass' });
  // Where a target keeps no events, the pause is not among them.
  expect(await replayed('promoted', ['continue'])).toMatchObject({ verdict: 'pass' });
});

test.each([[[]], [['pause']], [['continue', 'pause']]] as DeploymentEvent['kind'][][][])(
  'one that nobody let go on is none: %j',
  async (kinds) => {
    const { verdict, reason } = await replayed('promoted', kinds);
    expect(verdict).toBe('fail');
    expect(reason).toContain('ended as promoted, but the evidence says pause');
  },
);

test('one that waits is as the evidence says', async () => {
  expect(await replayed('paused', ['pause'])).toMatchObject({ verdict: 'pass' });
});
