/** Tasks other than two classes, on real files with the real engine. */
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { multiclassTable, regressionTable } from '../../../bench/performance-estimate-tables.ts';
import type { DriftCheck } from '../../../shared/records/drift-check.ts';
import { RecordFolder } from '../../../shared/records/folder.ts';
import { renderSection } from '../../../shared/report/section.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { readInputs } from '../../../shared/runtime/inputs.ts';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { createFakeRunner, type FakeRunner } from '../../../shared/testing/fake-runner.ts';
import { definition } from '../main.ts';
import { report } from '../report.ts';
import type { DriftTable } from '../table.ts';

let runner: FakeRunner;
beforeEach(async () => {
  runner = await createFakeRunner();
});
afterEach(() => runner.close());

const at = (name: string) => join(runner.workspace, name);

async function check(policy: string, labels?: string): Promise<DriftCheck> {
  await writeFile(at('drift.yaml'), `version: 1\n${policy}\n`);
  const given: Record<string, string | undefined> = {
    name: 'animals',
    reference: at('reference.csv'),
    data: at('data.csv'),
    policy: at('drift.yaml'),
    chunk: '500',
    labels,
  };
  const inputs = readInputs(definition.inputs, (name) => given[name] ?? '');
  const nothing = () => undefined;
  const deps: Deps = {
    log: {
      info: nothing,
      debug: nothing,
      warning: nothing,
      error: nothing,
      notice: nothing,
      progress: nothing,
      group: (_title, work) => work(),
      mask: nothing,
    },
    signal: new AbortController().signal,
    env: { ...process.env, GITHUB_REPOSITORY: '' },
    now: () => new Date('2001-07-01T00:00:00Z'),
    source: { repository: null, commit: null, runUrl: null },
    records: new RecordFolder(at('records'), 'animals'),
    temporaryFolder: join(runner.folder, 'temporary'),
    cacheFolder: process.env.RUNNER_TOOL_CACHE ?? join(homedir(), '.cache', 'mlops-actions'),
    saveState: nothing,
  };
  return (await definition.run(inputs, deps)).record as DriftCheck;
}

const CLASSES = ['cat', 'dog', 'emu'];

/** @param withLabels whether the labels stand in the rows themselves. */
async function writeClasses(name: string, table: DriftTable, withLabels = true): Promise<void> {
  const label = (row: number) => CLASSES[table.labels![row]!]!;
  const rows = Array.from({ length: table.rowCount }, (_, row) => [
    `${name}-${row}`,
    ...(withLabels ? [label(row)] : []),
    ...table.classScores!.map((column) => column[row]!),
  ]);
  const header = ['id', ...(withLabels ? ['kind'] : []), ...CLASSES.map((own) => `proba_${own}`)];
  await writeFile(at(`${name}.csv`), [header, ...rows].map((cells) => cells.join(',')).join('\n'));
  const late = rows.map((cells, row) => `${cells[0]},${label(row)}`).slice(0, -10);
  await writeFile(at('labels.csv'), ['id,kind', ...late].join('\n'));
}

const make = (seed: number, rows: number, conceptDrift = false) =>
  multiclassTable(rows, randomGenerator(seed), { shift: 0, conceptDrift });

const POLICY = `columns: {id: id, y_true: kind, y_score: proba}
performance: [{name: f1_macro}, {name: roc_auc_ovr}]`;

describe('several classes', () => {
  test('by names, with scores of each and labels that come late', async () => {
    await writeClasses('reference', make(1, 5000));
    await writeClasses('data', make(2, 1500), false);
    const found = await check(POLICY, at('labels.csv'));
    expect(found).toMatchObject({ verdict: 'pass', retrain: false });
    expect(found.rows).toMatchObject({ labelledReference: 5000, labelledData: 1490 });
    expect(found.columns.map(({ name, role }) => [name, role])).toEqual(
      CLASSES.map((own) => [`proba_${own}`, 'prediction']),
    );
    expect(found.performance.map(({ name, source, status }) => [name, source, status])).toEqual([
      ['f1_macro', 'real', 'within'],
      ['f1_macro', 'estimated', 'within'],
      ['roc_auc_ovr', 'real', 'within'],
      ['roc_auc_ovr', 'estimated', 'within'],
    ]);
    const chunk = found.chunks.at(-1)!;
    expect(Math.abs(chunk.estimated.f1_macro! - chunk.performance.f1_macro!)).toBeLessThan(0.06);
  });

  test('that come to mean something else: labels show it, the estimate does not, and the report says so', async () => {
    await writeClasses('reference', make(1, 5000));
    await writeClasses('data', make(3, 2000, true));
    const found = await check(
      `${POLICY}\ndetectors: [adwin, page_hinkley, ddm, kswin]\nretrain_when: [performance, adwin]`,
    );
    expect(found).toMatchObject({ verdict: 'fail', retrain: true });
    expect(found.reason).toMatch(/f1_macro fell to .*; ADWIN saw the errors rise at row \d+/);
    expect(found.performance.filter(({ source }) => source === 'estimated').map(({ held }) => held)).toEqual([
      { chunks: 4, within: 0 },
      { chunks: 4, within: 0 },
    ]);
    await expect(
      renderSection(report({ ...found, policy: { ...found.policy, file: 'drift.yaml' } })),
    ).toMatchFileSnapshot('../fixtures/estimated-beside-real.md');
  });
});

describe('numbers', () => {
  const writeNumbers = async (name: string, table: DriftTable): Promise<void> => {
    const columns = [...table.columns].map(([own, column]) => [
      own,
      column.kind === 'numeric' && column.values,
    ]);
    const rows = Array.from({ length: table.rowCount }, (_, row) =>
      [
        ...columns.map(([, values]) => (values as Float64Array)[row]),
        table.predictions![row],
        table.labels![row],
      ].join(','),
    );
    await writeFile(at(`${name}.csv`), ['x,z,predicted,fare', ...rows].join('\n'));
  };

  test('a model of the loss estimates how wrong they are', async () => {
    await writeNumbers('reference', regressionTable(5000, randomGenerator(1), { shift: 0 }));
    await writeNumbers('data', regressionTable(1000, randomGenerator(2), { shift: 1 }));
    const found = await check(
      'columns: {y_true: fare, y_pred: predicted}\nperformance: [{name: mean_absolute_error}]',
    );
    const estimated = found.performance.find(({ source }) => source === 'estimated')!;
    expect(estimated).toMatchObject({ method: 'DLE', status: 'fell', held: { chunks: 2, within: 2 } });
    expect(found.knownBeforeLabels.join('\n')).toContain(
      'Estimated by a model of the loss, mean_absolute_error rose to',
    );
  });
});

describe('policies that cannot be', () => {
  test.each([
    ['performance: [{name: f1}, {name: r2}]', /f1 is a metric of binary, and the others are of another task/],
    [
      'task: multiclass\nperformance: [{name: r2}]',
      /r2 is a metric of regression, and the task is multiclass/,
    ],
    [
      'task: multiclass\nperformance: [{name: top_k_accuracy}]',
      /needs k, which a drift policy does not give/,
    ],
    ['performance: [{name: f1_makro}]', /There is no metric "f1_makro"/],
    ['retrain_when: [adwin]', /retrain_when names adwin, and detectors does not/],
    ['detectors: [adwim]', /adwim/],
  ])('%s', async (policy, message) => {
    await writeClasses('reference', make(1, 50));
    await writeClasses('data', make(2, 50));
    await expect(check(`columns: {y_true: kind, y_pred: kind, y_score: proba}\n${policy}`)).rejects.toThrow(
      message,
    );
  });
});
