import { describe, expect, test } from 'vitest';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { decide } from '../decide.ts';
import type { DriftTable } from '../table.ts';
import { policyOf } from '../test-tables.ts';
import { errorStream, runDetectors } from './detectors.ts';
import { FALSE_ALARM_PERCENT } from './false-alarms.ts';

/** A classifier that is wrong in a share of the rows; the last row is not labelled yet. */
function classified(rows: number, wrong: (row: number) => number, seed: number): DriftTable {
  const random = randomGenerator(seed);
  const scores = Float64Array.from({ length: rows }, random);
  const labels = scores.map((score, row) => {
    const right = Number(score >= 0.5);
    return random() < wrong(row) ? 1 - right : right;
  });
  labels[rows - 1] = Number.NaN;
  return { rowCount: rows, columns: new Map(), scores, labels };
}

const reference = classified(2000, () => 0.1, 1);
const ALL = policyOf({
  detectors: ['adwin', 'page_hinkley', 'ddm', 'kswin'],
  retrain_when: ['performance', 'adwin'],
});
const timestamps = Float64Array.from({ length: 2000 }, (_, row) => Date.UTC(2001, 0, 1) + row * 3_600_000);

function detect(data: DriftTable, policy = ALL) {
  const stream = errorStream({ reference, data }, 'binary');
  const detectors = runDetectors(policy, stream, timestamps);
  const decision = decide({ columns: [], performance: [], chunks: [], detectors, policy, labelsGiven: true });
  return { detectors, decision };
}

describe('errors that rise', () => {
  const data = classified(2000, (row) => (row < 800 ? 0.1 : 0.8), 2);

  test('are seen by all that take errors, at rows of the data, with their time', () => {
    const { detectors } = detect(data);
    for (const found of detectors) {
      expect(found).toMatchObject({ stream: 'errors', referenceRows: 1999, dataRows: 1999, note: '' });
      const rise = found.alarms.find(({ row }) => row > 800)!;
      expect(rise.row, found.name).toBeLessThan(1000);
      expect(rise.rose).toBe(true);
      expect(rise.time).toBe(new Date(timestamps[rise.row - 1]!).toISOString());
    }
  });

  test('ask for a retrain by ADWIN, and only where the policy says so', () => {
    expect(detect(data).decision).toMatchObject({ retrain: true });
    expect(detect(data).decision.reason).toMatch(/ADWIN saw the errors rise at row \d+ \(2001-02-/);
    const silent = policyOf({ detectors: ['adwin'] });
    expect(detect(data, silent).decision).toMatchObject({ retrain: false });
    const others = policyOf({ detectors: ['page_hinkley', 'ddm'], retrain_when: ['adwin'] });
    expect(detect(data, others).decision).toMatchObject({ retrain: false });
  });

  test('the known rates of false alarms stand beside each', () => {
    const { knownWithLabels } = detect(data).decision;
    expect(knownWithLabels.join('\n')).toContain('DDM saw the errors change once, first at row');
    for (const rates of Object.values(FALSE_ALARM_PERCENT)) {
      const percent = rates.errors ?? rates.numbers;
      expect(knownWithLabels.join('\n')).toContain(`alarms on ${percent} % of streams of 10,000 rows`);
    }
  });
});

test('errors that fall are an alarm and no reason', () => {
  const before = classified(2000, () => 0.5, 3);
  const data = classified(2000, () => 0.05, 4);
  const detectors = runDetectors(ALL, errorStream({ reference: before, data }, 'binary'), undefined);
  const found = detectors.find(({ name }) => name === 'adwin')!;
  expect(found.alarms[0]).toMatchObject({ rose: false, time: null });
  const decision = decide({
    columns: [],
    performance: [],
    chunks: [],
    detectors,
    policy: ALL,
    labelsGiven: true,
  });
  expect(decision.retrain).toBe(false);
});

test('without labels the predictions stand in; they are no reason, and DDM says what it needs', () => {
  const data = { ...classified(2000, () => 0.1, 5), labels: undefined };
  data.scores = data.scores!.map((score) => score / 2);
  const { detectors, decision } = detect(data);
  expect(detectors.map(({ stream }) => stream)).toEqual(new Array(4).fill('predictions'));
  expect(detectors[0]!.dataAlarms).toBeGreaterThan(0);
  expect(detectors[2]).toMatchObject({ name: 'ddm', dataAlarms: 0 });
  expect(decision.retrain).toBe(false);
  expect(decision.knownBeforeLabels.join('\n')).toContain(
    'DDM was not run: it takes errors of 0 and 1, so the labels of a classifier.',
  );
});

test('the errors of a regression are absolute, and those that cannot be told are left out', () => {
  const numbers = (labels: number[]): DriftTable => ({
    rowCount: labels.length,
    columns: new Map(),
    labels: Float64Array.from(labels),
    predictions: new Float64Array(labels.length).fill(1),
  });
  const stream = errorStream({ reference: numbers([3]), data: numbers([0, Number.NaN, 5]) }, 'regression')!;
  expect(stream).toEqual({
    kind: 'absolute_errors',
    values: Float64Array.of(2, 1, 4),
    rows: Uint32Array.of(0, 0, 2),
    referenceRows: 1,
  });
});

test('nothing to run over is said', () => {
  const empty = { rowCount: 1, columns: new Map() };
  expect(errorStream({ reference: empty, data: empty }, undefined)).toBeUndefined();
  const [found] = runDetectors(ALL, undefined, undefined);
  expect(found!.note).toBe('there are no labels and no predictions');
});
