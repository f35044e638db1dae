import { describe, expect, test } from 'vitest';
import { parseRecordText, writeRecordText } from '../../../shared/records/text.ts';
import { play, rollout } from '../fixtures/played-rollout.ts';
import { makeRecord } from '../make-record.ts';
import { plainResult } from '../operations/operation.ts';
import { decide } from './decide.ts';
import { predictionDistance } from './evidence.ts';
import { makePlan } from './plan.ts';
import { replay } from './replay.ts';
import type { TrafficWindow } from './window.ts';

const rules = rollout({ steps: [{ weight: 10, bake: '5m' }], predictions: { max_distance: 0.1 } });
/** What every object has, as classes of predictions. */
const NAMES = ['constructor', 'toString', 'hasOwnProperty', '__proto__'];
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

const once = (name: string) => {
  let isFirst = true;
  return (window: TrafficWindow & { weight: number }): TrafficWindow & { weight: number } => {
    if (!isFirst) return window;
    isFirst = false;
    const { challenger } = window;
    const predictions = Object.fromEntries([...Object.entries(challenger.predictions!), [name, 1]]);
    return { ...window, challenger: { ...challenger, predictions } };
  };
};

describe.each(NAMES)('one prediction of the class %s', (name) => {
  test('does not hide that all others are different', () => {
    const { decision } = play(rules, {
      challenger: { predictions: { no: 0.1, yes: 0.9 } },
      change: once(name),
    });
    expect(decision.kind).toBe('rollback');
    expect(decision.reason).toContain('predicts otherwise');
  });

  test('is in the record, which says the same once it was written and read', () => {
    const { decision, state } = play(rules, { change: once(name) });
    expect(decision.kind).toBe('promote');
    expect(Object.values(state.processes.challenger).every(Number.isInteger)).toBe(true);
    const source = { repository: null, commit: null, runUrl: null };
    const record = makeRecord(
      plainResult({
        ...{ outcome: 'promoted', verdict: 'pass', reason: decision.reason, subject: digest('b') },
        ...{ rollout: rules, state },
      }),
      {
        ...{ name: 'churn', source, createdAt: new Date(0), operation: 'run', target: 'local' },
        endpoint: null,
      },
    );
    const read = parseRecordText(writeRecordText(record), 'record.json');
    if (read.kind !== 'Deployment') throw new Error('another record was read');
    const kept = Object.keys(read.looks[0]!.challenger.predictions!);
    expect(kept).toContain(name === '__proto__' ? '(__proto__)' : name);
    const again = replay(makePlan(rules), read);
    expect(again.difference).toBeNull();
    expect(again.decisions.at(-1)?.decision).toEqual(decision);
  });
});

test('a distance that is no number is none that was seen', () => {
  const { state } = play(rules);
  const spoilt = { ...state.processes, challenger: { ...state.processes.challenger, no: Number.NaN } };
  expect(predictionDistance(spoilt)).toBeNull();
  const { kind, reason } = decide(makePlan(rules), { ...state, processes: spoilt });
  expect(kind).toBe('extend');
  expect(reason).toContain('the predictions of both arms were not seen yet');
});
