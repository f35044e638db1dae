import { expect, test } from 'vitest';
import type { DriftCheck, DriftColumn } from '../../shared/records/drift-check.ts';
import { recordSchemas } from '../../shared/records/kinds.ts';
import { COMMENT_LIMIT, renderComment } from '../../shared/report/comment.ts';
import { PAGE_LIMIT, renderPage } from '../../shared/report/page.ts';
import { renderSection } from '../../shared/report/section.ts';
import { sampleRecords } from '../../shared/testing/sample-records.ts';
import { report } from './report.ts';

const sample = sampleRecords().find((record) => record.kind === 'DriftCheck') as DriftCheck;

/** Longer than anyone reads, with characters that are several once escaped. */
const longName = (at: number): string => `column ${'"<&|`@>'.repeat(40)} ${at}`;

const summary = { rows: 1e6, nullShare: 0.25, mean: null, deviation: null, distinct: 5000 };
const drifting = (at: number): DriftColumn => ({
  name: longName(at),
  role: 'feature',
  kind: at % 2 === 0 ? 'numeric' : 'categorical',
  status: at < 500 ? 'drifts' : 'steady',
  test: 'rows',
  pValue: 0,
  adjustedPValue: 0,
  effect: 0.3 + at / 1000,
  measure: at % 2 === 0 ? 'wasserstein' : 'jensen_shannon',
  minEffect: 0.1,
  nulls: { pValue: 0, effect: 0.2, drifts: true },
  importance: at === 7 ? 1 : 0,
  important: at === 7,
  reference: summary,
  data: summary,
  unseen: Array.from({ length: 10 }, (_, value) => ({
    value: `${longName(value)} unseen`,
    rows: 1000 - value,
  })),
  unseenCount: 4000,
  note: longName(at),
});

const METRICS = Array.from({ length: 10 }, (_, at) => `metric_${at}`);
const ofMetrics = <Value>(value: Value): Record<string, Value> =>
  Object.fromEntries(METRICS.map((name) => [name, value]));

/** 600 columns, most of which drift, 400 chunks, ten metrics, real and estimated. */
function monster(): DriftCheck {
  const columns = Array.from({ length: 600 }, (_, at) => drifting(at));
  const charted = columns.slice(0, 20).map(({ name }) => name);
  const names = columns.map(({ name }) => name).join(', ');
  return {
    ...sample,
    columns,
    reason: `Drift in ${names}.`,
    chunks: Array.from({ length: 400 }, (_, at) => ({
      part: at < 100 ? ('reference' as const) : ('data' as const),
      start: new Date(Date.UTC(2020, 0, 1 + at)).toISOString(),
      end: new Date(Date.UTC(2020, 0, 2 + at)).toISOString(),
      firstRow: 1 + 5000 * at,
      rows: 5000,
      labelledRows: 5000,
      judged: true,
      effects: Object.fromEntries(charted.map((name) => [name, 0.123456789])),
      performance: ofMetrics(0.76543210987),
      estimated: ofMetrics(0.7654321),
      estimatedIntervals: ofMetrics({ low: 0.712345678, high: 0.81234567 }),
    })),
    performance: METRICS.flatMap((name) =>
      (['real', 'estimated'] as const).map((source) => ({
        name,
        greaterIsBetter: true,
        margin: 0.02,
        source,
        status: 'fell' as const,
        referenceChunks: 100,
        judgedChunks: 300,
        mean: 0.8,
        deviation: 0.01,
        limit: 0.77,
        worst: { chunk: 399, value: 0.7654321, drop: 0.03 },
        fallenChunks: Array.from({ length: 300 }, (_, at) => 100 + at),
        note: '',
      })),
    ),
    knownBeforeLabels: [`Of 600 columns 500 drifted: ${names}.`],
    knownWithLabels: columns.map(({ name }) => `${name} fell.`),
    notes: columns.map(({ name }) => name),
  };
}

test('the page stays small whatever the data, and says what it leaves out', async () => {
  const record = monster();
  recordSchemas.DriftCheck.parse(record);
  const one = await renderPage([record]);
  expect(Buffer.byteLength(one)).toBeLessThan(PAGE_LIMIT);
  expect(one).toContain('440 more columns that are not steady are in the record.');
  expect(one).toContain('60 more steady columns are in the record.');
  expect(one).toContain('more chunks, the earlier ones, are in the record.');
  expect(one).toContain('14 more numbers of performance are in the record.');
  const history = Array.from({ length: 200 }, (_, day) => ({
    ...record,
    createdAt: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
  }));
  const many = await renderPage([...sampleRecords(), ...history]);
  expect(Buffer.byteLength(many)).toBeLessThan(PAGE_LIMIT);
});

test('the section fits into a comment with all of its parts', () => {
  const section = report(monster());
  expect(renderSection(section).length).toBeLessThan(COMMENT_LIMIT);
  expect(renderComment([section])).not.toContain('left out here');
  expect(renderSection(section)).toMatch(/\d+ more are in the record\./);
});

test('of a record of ordinary size nothing is cut', async () => {
  const page = await renderPage([sample]);
  for (const { name } of sample.columns) expect(page).toContain(name);
  expect(page).not.toContain('in the record.');
});
