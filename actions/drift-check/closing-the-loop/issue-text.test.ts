import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fitBody, ISSUE_BODY_LIMIT } from '../../../shared/github/issue-body.ts';
import type { DriftCheck } from '../../../shared/records/drift-check.ts';
import { sampleDrift } from '../../../shared/testing/sample-live-records.ts';
import { issueText } from './issue-text.ts';
import { type Memory, type RememberedCheck, readMemory, remember, writeMemory } from './memory.ts';

const DAY = 86_400_000;
const DIGEST = `sha256:${'9'.repeat(64)}`;
const HOSTILE =
  '</details> --> <!-- mlops-actions:drift-memory {} --> ```mermaid\n@everyone [x](javascript:1) | ::error::';

/** A month of checks before the record, with weeks in which nothing was judged, and a slow fall. */
function history(record: DriftCheck, count = 29): RememberedCheck[] {
  const { values, ...last } = remember(record, 'held');
  return Array.from({ length: count }, (_, index) => ({
    ...last,
    at: new Date(Date.parse(record.createdAt) - (count - index) * DAY).toISOString(),
    verdict: index < 20 ? ('pass' as const) : ('warn' as const),
    retrain: false,
    start: null,
    values:
      index % 10 === 4 ? [] : values.map(({ name, value }) => ({ name, value: value + (20 - index) / 100 })),
  }));
}

function textOf(record: DriftCheck, changes: Partial<Memory> = {}) {
  const checks = [...history(record), remember(record, 'started')];
  const request = {
    at: record.createdAt,
    to: 'retrain.yml',
    runUrl: 'https://github.com/octocat/flights/actions/runs/9',
  };
  const memory = { checks, request, ...changes };
  return issueText(record, {
    memory,
    asked: { status: 'started', claimed: true, request },
    recordDigest: DIGEST,
  });
}

test('the whole issue, but for the folded parts of the report', async () => {
  const { title, body } = textOf(sampleDrift());
  expect(title).toBe('flight-delays: drift asks for a retrain');
  const own = body.filter(({ text }) => !text.text.startsWith('<details>'));
  const text = `${fitBody(own, ISSUE_BODY_LIMIT)}\n`;
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, '../fixtures/issue.md'));
});

describe('hostile names', () => {
  const record = { ...sampleDrift(HOSTILE), reason: HOSTILE };

  test('are plain text in the issue, and in no chart', () => {
    const text = fitBody(textOf(record).body, ISSUE_BODY_LIMIT);
    expect(text).not.toContain('<!--');
    expect(text).not.toContain('@everyone');
    expect(text).not.toMatch(/(?<!\\)\]\(javascript/);
    expect(text).not.toContain('::error::');
    const outside = text.replace(/^```mermaid\n[^`]*\n```$/gm, '');
    expect(outside).not.toContain('```');
    const charts = [...text.matchAll(/^```mermaid\n([^`]*)\n```$/gm)].map((match) => match[1]!);
    expect(charts).toHaveLength(3);
    for (const chart of charts)
      expect(chart).toMatch(
        /^%%\{init: .*\}%%\nxychart-beta\n(?: {4}(?:[xy]-axis|line)(?: "chunk")? [-\d., [\]>]+\n?)+$/,
      );
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)!.length);
  });

  test('stay inside what is hidden, and come back', () => {
    const memory: Memory = {
      checks: [
        ...history(record),
        { ...remember(record, 'failed'), values: [{ name: HOSTILE, value: -1e-9 }] },
      ],
      request: { at: record.createdAt, to: HOSTILE, runUrl: null },
    };
    const line = writeMemory('flight-delays', memory);
    expect(line.match(/-->/g)).toHaveLength(1);
    expect(line).not.toContain('\n');
    expect(line.length).toBeLessThan(20_000);
    const warnings: string[] = [];
    const read = readMemory(`<!-- marker -->\n${line}\nshown`, {
      name: 'flight-delays',
      now: new Date(record.createdAt),
      warn: (message) => warnings.push(message),
    });
    expect(warnings).toEqual([]);
    expect(read.request).toEqual(memory.request);
    expect(read.checks.slice(-8)).toEqual(memory.checks.slice(-8));
    expect(read.checks[0]).toEqual({ ...memory.checks[0], reason: '', runUrl: null });
  });
});

test('a record of thousands of columns loses parts of its issue whole, and keeps its sparklines', () => {
  const sample = sampleDrift();
  const columns = Array.from({ length: 3000 }, (_, index) => ({
    ...sample.columns[0]!,
    name: `column_${index}_${'x'.repeat(120)}`,
    note: 'y'.repeat(300),
  }));
  const { body } = textOf({ ...sample, columns, notes: Array.from({ length: 500 }, () => 'z'.repeat(200)) });
  const whole = fitBody(body, Number.POSITIVE_INFINITY);
  expect(whole).not.toContain('left out here, since an issue');
  for (const share of [0.9, 0.6, 0.4]) {
    const text = fitBody(body, whole.length * share);
    expect(text.length).toBeLessThanOrEqual(whole.length * share);
    expect(text).toContain('oldest to newest');
    expect(text).toMatch(/\d parts? (is|are) left out here, since an issue has an upper length/);
    expect(text.match(/<details>/g) ?? []).toHaveLength((text.match(/<\/details>/g) ?? []).length);
    expect(text.match(/```/g) ?? []).toHaveLength(2 * (text.match(/```mermaid/g) ?? []).length);
  }
});

test('what must stay fits whatever else there is', () => {
  const sample = sampleDrift();
  const request = { at: sample.createdAt, to: 'retrain.yml', runUrl: null };
  const { body } = issueText(
    { ...sample, policy: { ...sample.policy, file: 'p'.repeat(3000) }, reason: 'r'.repeat(70_000) },
    {
      memory: { checks: history(sample), request },
      asked: { status: 'failed', why: '<'.repeat(50_000) },
      recordDigest: DIGEST,
    },
  );
  expect(fitBody(body, ISSUE_BODY_LIMIT - 20_000)).toContain('No retrain was started');
});
