/** What columns show together, in every state, and with names that would break out. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DriftCheck, DriftCorrelations, DriftMultivariate } from '../../shared/records/drift-check.ts';
import { details } from '../../shared/report/markdown.ts';
import { sampleDrift } from '../../shared/testing/sample-live-records.ts';
import { togetherDetails } from './report-together.ts';

const HOSTILE = '</details><img src=x onerror=alert(1)> | `@everyone` [x](https://evil.example) ::error::';

function multivariate(changes: Partial<DriftMultivariate> = {}, name = 'origin_delay'): DriftMultivariate {
  return {
    status: 'drifts',
    decides: false,
    auc: 0.7312,
    interval: { low: 0.712, high: 0.751 },
    pValue: 1e-9,
    minAuc: 0.6,
    rows: { reference: 5000, data: 4200 },
    columns: [
      { name, importance: 0.1534, drifts: true },
      { name: 'distance', importance: 0.0021, drifts: false },
    ],
    note: '',
    ...changes,
  };
}

function correlations(changes: Partial<DriftCorrelations> = {}, name = 'origin_delay'): DriftCorrelations {
  const pair = (other: string, data: number, changed: boolean) => ({
    columns: [name, other] as [string, string],
    reference: 0.61,
    data,
    adjustedPValue: 0.0001,
    changed,
  });
  return {
    status: 'drifts',
    decides: true,
    minDifference: 0.2,
    pairs: 1225,
    columnsLeftOut: 12,
    rows: { reference: 5000, data: 4200 },
    changed: 1,
    largest: [pair('distance', -0.05, true), pair('hour', 0.55, false)],
    note: '',
    ...changes,
  };
}

const written = (parts: Pick<DriftCheck, 'multivariate' | 'correlations'>) =>
  togetherDetails({ ...sampleDrift(), ...parts })
    .map(({ title, body }) => details(title, body).text)
    .join('\n\n');

test('all states', async () => {
  const states = [
    { multivariate: multivariate(), correlations: correlations() },
    {
      multivariate: multivariate({ status: 'steady', decides: true, auc: 0.5081, pValue: 0.31, columns: [] }),
      correlations: correlations({
        status: 'steady',
        decides: false,
        changed: 0,
        largest: [],
        columnsLeftOut: 0,
      }),
    },
    {
      multivariate: multivariate({
        status: 'not_judged',
        auc: null,
        interval: null,
        pValue: null,
        columns: [],
        note: 'fewer than 100 rows',
      }),
      correlations: correlations({
        status: 'not_judged',
        pairs: 3,
        changed: 0,
        largest: [],
        note: 'a profile has none',
      }),
    },
    {
      correlations: correlations({
        status: 'not_judged',
        pairs: 0,
        largest: [],
        note: 'fewer than two numbers',
      }),
    },
  ];
  const text = states.map(written).join('\n\n---\n\n');
  await expect(`${text}\n`).toMatchFileSnapshot(join(import.meta.dirname, 'fixtures/together.md'));
});

test('nothing is said where neither was looked at, or no pair could decide', () => {
  expect(written({})).toBe('');
  expect(written({ correlations: correlations({ pairs: 0, decides: false }) })).toBe('');
});

test('hostile names and notes are plain text', () => {
  const text = [
    written({ multivariate: multivariate({}, HOSTILE), correlations: correlations({}, HOSTILE) }),
    written({
      multivariate: multivariate({ auc: null, status: 'not_judged', note: HOSTILE }),
      correlations: correlations({ status: 'not_judged', note: HOSTILE }),
    }),
  ].join('\n');
  expect(text).toContain('onerror');
  expect(text).not.toContain('<img');
  expect(text).not.toMatch(/@everyone/);
  expect(text).not.toContain('::error::');
  expect(text).not.toMatch(/(?<!\\)\]\(/);
  expect(text.match(/<\/details>/g)).toHaveLength(4);
  for (const row of text.split('\n').filter((line) => line.startsWith('|'))) {
    expect([4, 5]).toContain(row.match(/(?<!\\)\|/g)!.length);
  }
});
