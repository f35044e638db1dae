import { expect, test } from 'vitest';
import { type DriftCheck, driftCheckSchema } from '../../shared/records/drift-check.ts';
import { recordHead } from '../../shared/records/envelope.ts';
import { renderSection } from '../../shared/report/section.ts';
import { assess } from './assess.ts';
import { retrainPayload } from './closing-the-loop/ask-for-retrain.ts';
import { decide } from './decide.ts';
import { report } from './report.ts';
import { rankColumns } from './report-columns.ts';
import type { DriftTable } from './table.ts';
import { metricsOf, policyOf, scoredTable, tableOf } from './test-tables.ts';

const POLICY = {
  columns: { timestamp: 'date', y_true: 'late', y_score: 'score' },
  performance: [{ name: 'roc_auc', margin: 0.02 }],
};
const DAY = 86_400_000;

/** Rows at 100 a day. */
function dated(table: DriftTable, first: string): DriftTable {
  const start = Date.parse(first);
  return {
    ...table,
    timestamps: Float64Array.from({ length: table.rowCount }, (_, row) => start + (row / 100) * DAY),
  };
}

function recordOf(reference: DriftTable, data: DriftTable): DriftCheck {
  const policy = policyOf(POLICY);
  const assessment = assess(reference, data, {
    policy,
    metrics: metricsOf(policy),
    importance: new Map([['x', 1]]),
    chunk: { by: 'period', size: 7 * DAY },
    times: [],
  });
  const decision = decide({ ...assessment, policy, labelsGiven: true });
  return driftCheckSchema.parse({
    ...recordHead('DriftCheck', {
      name: 'flight-delays',
      source: { repository: null, commit: null, runUrl: null },
      createdAt: new Date('2001-07-01T00:00:00Z'),
      subject: `sha256:${'1'.repeat(64)}`,
      inputs: [],
      verdict: decision.verdict,
      reason: decision.reason,
    }),
    retrain: decision.retrain,
    policy: {
      file: 'drift.yaml',
      alpha: 0.05,
      minEffect: 0.1,
      onMissing: 'fail',
      retrainWhen: ['performance'],
    },
    approximate: false,
    rows: {
      reference: reference.rowCount,
      data: data.rowCount,
      labelledReference: assessment.labelled.reference,
      labelledData: assessment.labelled.data,
    },
    chunking: assessment.chunking,
    columns: assessment.columns,
    chunks: assessment.chunks,
    performance: assessment.performance,
    knownBeforeLabels: decision.knownBeforeLabels,
    knownWithLabels: decision.knownWithLabels,
    notes: assessment.notes,
  });
}

const reference = dated(scoredTable(5600, 1), '2001-01-29');

test('drift without harm', async () => {
  const record = recordOf(reference, dated(scoredTable(2100, 2, 'holds', 0.6), '2001-04-02'));
  expect(record).toMatchObject({ verdict: 'warn', retrain: false });
  await expect(renderSection(report(record))).toMatchFileSnapshot('fixtures/drift-without-harm.md');
});

test('a retrain is asked for', async () => {
  const record = recordOf(reference, dated(scoredTable(2100, 2, 'broken'), '2001-06-11'));
  expect(record).toMatchObject({ verdict: 'fail', retrain: true });
  await expect(renderSection(report(record))).toMatchFileSnapshot('fixtures/retrain.md');
  expect(retrainPayload(record, `sha256:${'2'.repeat(64)}`)).toMatchObject({
    model: 'flight-delays',
    reason: record.reason,
    data: record.subject.digest,
  });
});

test('hostile names are plain text', () => {
  const name = '</details><img src=x onerror=alert(1)>@everyone ::error::x';
  const rename = (table: DriftTable) => ({
    ...table,
    columns: new Map([...table.columns].map(([, values]) => [name, values] as const)),
  });
  const plain = tableOf({ x: scoredTable(1000, 1).columns.get('x')! });
  const other = tableOf({ x: scoredTable(1000, 2, 'holds', 1).columns.get('x')! });
  const record = recordOf(dated(rename(plain), '2001-01-29'), dated(rename(other), '2001-04-02'));
  const text = renderSection(report(record));
  expect(text).not.toContain('<img');
  expect(text).not.toContain('@everyone');
  expect(text).not.toContain('::error::');
});

test('what is wrong stands first, then what is important', () => {
  const { columns } = recordOf(reference, dated(scoredTable(2100, 2), '2001-04-02'));
  const [x, score] = columns;
  const column = (
    name: string,
    status: DriftCheck['columns'][number]['status'],
    importance: number | null,
  ) => ({ ...x!, name, status, importance });
  const ranked = rankColumns([
    column('a', 'steady', 1),
    column('b', 'drifts', 0.1),
    column('c', 'missing', null),
    column('d', 'drifts', 0.4),
    score!,
  ]);
  expect(ranked.map((one) => one.name).slice(0, 3)).toEqual(['c', 'd', 'b']);
});
