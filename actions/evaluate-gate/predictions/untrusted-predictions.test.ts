/** The whole gate on predictions of a stranger. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderSection } from '../../../shared/report/section.ts';
import { csv, type GateFolder, makeGateFolder, POLICY, predictions, ROWS } from '../fixtures/gate-folder.ts';
import { report } from '../report.ts';

describe('predictions of a stranger', () => {
  let given: GateFolder;
  const home = process.cwd();
  const at = (name: string) => given.at(name);
  beforeEach(async () => {
    given = await makeGateFolder();
    process.chdir(given.folder);
  });
  afterEach(async () => {
    process.chdir(home);
    await given.close();
  });
  const judge = (more: Record<string, string> = {}) =>
    given.gate({ ...given.files(), predictions: 'good.csv', untrusted: 'true', ...more });
  const rows = predictions(1.2, 2);

  test('are judged like any others, and the report says where they come from', async () => {
    const [own, strange] = [await given.gate(given.files()), await judge()];
    expect(strange.metrics).toEqual(own.metrics);
    expect(strange.verdict).toBe('pass');
    expect(strange.notes).toContain(
      'The predictions come from an untrusted run: only ids, seeds and predictions were read of them.',
    );
    expect(strange.inputs[0]).toMatchObject({ role: 'predictions', name: 'good.csv' });
  });

  test('bring no labels, weights, clusters or features of their own', async () => {
    await writeFile(
      at('gate.yaml'),
      `${POLICY}slices:\n  - {feature_keys: [origin], metrics: [roc_auc], lower_bound: 0.1}\n`,
    );
    const own = await judge();
    const lies = rows.map((row) => `${row.id},${row.score},${1 - row.truth},${1 - row.truth},XXX,9`);
    await writeFile(at('good.csv'), ['id,y_score,late,y_true,origin,w', ...lies].join('\n'));
    const record = await judge();
    expect(record.metrics).toEqual(own.metrics);
    expect(record.slices.map(({ slice }) => slice)).toEqual([{ origin: 'JFK' }, { origin: 'ORD' }]);
    expect(record.notes).toContain('4 other columns of the untrusted predictions were not read.');
    await writeFile(at('gate.yaml'), POLICY.replace('y_true: late', 'y_true: late, sample_weight: w'));
    await expect(judge()).rejects.toThrow(/names "w" as sample_weight, and no file has that column/);
    await writeFile(at('data.csv'), ['flight_id', ...rows.map((row) => row.id)].join('\n'));
    await writeFile(at('gate.yaml'), POLICY.replace(', y_true: late', ''));
    await expect(judge()).rejects.toThrow(/No file has the true labels/);
  });

  test('with more rows than the data are refused before they are loaded', async () => {
    await writeFile(at('good.csv'), `${csv(rows)}${'f9999,0.5\n'.repeat(100_000)}`);
    await expect(judge()).rejects.toThrow(`more rows than there are to judge: the data has ${ROWS}`);
    await writeFile(at('good.csv'), csv(rows.slice(1)));
    await expect(judge()).rejects.toThrow(/1 id only in (the data|the baseline's)/);
  });

  test('of several trainings are judged by their seeds, of which there may be no flood', async () => {
    await writeFile(at('gate.yaml'), POLICY.replace('y_true: late', 'y_true: late, seed: seed'));
    const runs = (name: string, noise: number, seeds: readonly number[]) => {
      const lines = seeds.flatMap((seed) =>
        predictions(noise, seed).map(({ id, score }) => `${id},${seed},${score}`),
      );
      return writeFile(at(name), ['id,seed,y_score', ...lines, ''].join('\n'));
    };
    await runs('good.csv', 1.2, [2, 3, 4]);
    await runs('poor.csv', 2.4, [1, 5, 6]);
    const [own, strange] = [await given.gate(given.files()), await judge()];
    expect(strange.metrics).toEqual(own.metrics);
    expect(strange.metrics[0]!.method).toMatch(/seeds/);
    await writeFile(
      at('good.csv'),
      ['id,seed,y_score', ...rows.map(({ id }, row) => `${id},${row},1`)].join('\n'),
    );
    await expect(judge()).rejects.toThrow('The column "seed" of the predictions holds more than 100 seeds.');
    await writeFile(at('good.csv'), `id,seed,y_score\n${'f0000,1,0.5\n'.repeat(ROWS * 100 + 1)}`);
    await expect(judge()).rejects.toThrow(`the data has ${ROWS}, for each of at most 100 seeds`);
  });

  test('that never came are said to have not, and whose earlier verdict stands there', async () => {
    await expect(judge({ predictions: 'absent.csv' })).rejects.toThrow(
      'This push brought no predictions: there is no absent.csv.',
    );
    await expect(judge({ predictions: 'good.csv, absent.csv' })).rejects.toThrow(
      'The untrusted file absent.csv is not there.',
    );
  });

  test('that are a link, no plain text or nothing but other columns are refused', async () => {
    await symlink(at('good.csv'), at('link.csv'));
    await expect(judge({ predictions: 'link.csv' })).rejects.toThrow(/is a link/);
    await expect(judge({ predictions: '*.csv' })).rejects.toThrow(/is not there/);
    await writeFile(at('good.csv'), 'y_score\n1\n');
    await expect(judge()).rejects.toThrow(/have no column flight_id/);
    await writeFile(at('good.csv'), 'id,other\n1,2\n');
    await expect(judge()).rejects.toThrow(/have no column y_pred or y_score/);
  });

  test('of text that is markup end in an error, and never in a report as anything but text', async () => {
    const hostile = '</details><img src=x onerror=alert(1)>@everyone ::error::x';
    await writeFile(at('good.csv'), csv([{ ...rows[0]!, id: hostile }, ...rows.slice(1)]));
    await expect(judge()).rejects.toThrow(/1 id only in the predictions \(such as <\/details>/);
    await writeFile(at('good.csv'), ['id,y_pred', ...rows.map((row) => `${row.id},"${hostile}"`)].join('\n'));
    await expect(judge()).rejects.toThrow(/and the labels are 0, 1, false, true/);
    await writeFile(at('good.csv'), ['id,y_pred', ...rows.map((row) => `${row.id},${hostile}`)].join('\n'));
    await writeFile(
      at('gate.yaml'),
      'version: 1\ntask: multiclass\ncolumns: {id: flight_id, y_true: late}\nmetrics: [{name: accuracy, lower_bound: 0.5}]\n',
    );
    const judged = await judge({ 'baseline-predictions': '' }).then(
      (record) => renderSection(report(record)),
      (error: Error) => error.message,
    );
    expect(judged).not.toContain('<img src=x');
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ data: '' }, /untrusted: true is given without data/],
    [{ model: 'model' }, /model is given with untrusted: true/],
    [{ 'serve-command': 'python3 serve.py' }, /serve-command is given with untrusted: true/],
    [{ predictions: '', metrics: 'good.json' }, /untrusted: true is given with metrics/],
    [
      { predictions: '', model: 'model', 'predict-command': 'true' },
      /untrusted: true is given with predict-command/,
    ],
  ])('with %o are refused', async (more, message) => {
    await mkdir(at('other'), { recursive: true });
    const files: Record<string, string> = 'metrics' in more ? { 'baseline-predictions': '', data: '' } : {};
    await expect(judge({ ...files, ...more })).rejects.toThrow(message);
  });
});
