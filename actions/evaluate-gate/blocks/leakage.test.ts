/** Rows that were trained on, found by their ids or because the files are the same. */
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../../../shared/models/digest.ts';
import { sampleTraining } from '../../../shared/testing/sample-records.ts';
import { data, type GateFolder, makeGateFolder, NAME, POLICY, predictions } from '../fixtures/gate-folder.ts';

describe('training_overlap', () => {
  let given: GateFolder;
  const at = (name: string) => given.at(name);
  beforeEach(async () => {
    given = await makeGateFolder();
  });
  afterEach(() => given.close());

  const judge = async (more: Record<string, string> = {}) => {
    const record = await given.gate({ ...given.files(), model: at('model'), ...more });
    return { record, overlap: record.metrics.find(({ name }) => name === 'training_overlap') };
  };
  const rows = predictions(1, 1);
  const trainOn = (ids: string[], header = 'flight_id,late') =>
    writeFile(at('train.csv'), [header, ...ids.map((id) => `${id},1`)].join('\n'));

  /** The record that train-on-gpu-runner would have left of this model. */
  async function recordTraining(file: string): Promise<void> {
    const digest = `sha256:${createHash('sha256')
      .update(await readFile(file))
      .digest('hex')}`;
    const { digest: subject } = await modelDigest(at('model'));
    const { size } = await stat(file);
    await given.records.write({
      ...sampleTraining(),
      name: NAME,
      subject: { digest: subject },
      data: [{ path: file, bytes: size, digest }],
    });
  }

  test('nothing is said where no training data is known', async () => {
    const { record, overlap } = await judge();
    expect(overlap).toBeUndefined();
    expect(record.notes.join()).not.toContain('training');
  });

  test('fails at the first judged id that was trained on, and says how many and which', async () => {
    await trainOn(['f0007', 'f0003', 'f0003', 'x1', '']);
    const { record, overlap } = await judge({ 'training-data': at('train.csv') });
    expect(overlap).toMatchObject({
      block: 'leakage',
      challenger: 2 / 1200,
      verdict: 'fail',
      method: '',
      rows: 1200,
    });
    expect(record.verdict).toBe('fail');
    expect(record.reason).toMatch(
      /^training_overlap is outside its limit: 0\.00\d+, and the policy asks for at most 0\./,
    );
    expect(record.notes.join()).toContain(
      '2 of the 1,200 judged ids (0.2 %) occur in the training data, such as f0003',
    );
    expect(record.inputs).toContainEqual(
      expect.objectContaining({ role: 'training-data', name: at('train.csv') }),
    );
  });

  test('passes where no id is shared, and as far as the policy allows', async () => {
    await trainOn(['x1', 'F0003', 'f3']);
    expect((await judge({ 'training-data': at('train.csv') })).overlap).toMatchObject({
      challenger: 0,
      verdict: 'pass',
    });
    await trainOn(['f0003']);
    await writeFile(at('gate.yaml'), `${POLICY}leakage: {training_overlap: {upper_bound: 0.01}}\n`);
    expect((await judge({ 'training-data': at('train.csv') })).overlap).toMatchObject({ verdict: 'pass' });
    await writeFile(at('gate.yaml'), `${POLICY}leakage: {training_overlap: {severity: warn}}\n`);
    const { record, overlap } = await judge({ 'training-data': at('train.csv') });
    expect(overlap).toMatchObject({ verdict: 'warn' });
    expect(record.verdict).toBe('warn');
  });

  test('is all rows where the files are the same, whatever their columns', async () => {
    expect((await judge({ 'training-data': at('data.csv') })).overlap).toMatchObject({
      challenger: 1,
      verdict: 'fail',
    });
    await recordTraining(at('data.csv'));
    const { record, overlap } = await judge();
    expect(overlap).toMatchObject({ challenger: 1, verdict: 'fail' });
    expect(record.notes.join()).toContain('The judged rows are the training data itself');
  });

  test('is found by the record of the training while its data lies here unchanged', async () => {
    await writeFile(at('train.csv'), data(rows.slice(0, 300)));
    await recordTraining(at('train.csv'));
    const { record, overlap } = await judge();
    expect(overlap).toMatchObject({ challenger: 0.25, verdict: 'fail' });
    expect(record.inputs.map(({ role }) => role)).toContain('training-data');
    await writeFile(at('train.csv'), data(rows.slice(0, 300)).replace('f0000', 'f9999'));
    const changed = await judge();
    expect(changed.overlap).toBeUndefined();
    expect(changed.record.notes.join()).toContain('is not here any more, or has changed');
  });

  test('without an id in the training data is not known, and missing where the policy asks for it', async () => {
    await trainOn(['f0001'], 'key,late');
    const untold = await judge({ 'training-data': at('train.csv') });
    expect(untold.overlap).toBeUndefined();
    expect(untold.record.notes.join()).toContain('the training data has no column flight_id or id');
    await writeFile(at('gate.yaml'), `${POLICY}leakage: {training_overlap: {upper_bound: 0}}\n`);
    const asked = await judge({ 'training-data': at('train.csv') });
    expect(asked.overlap).toMatchObject({ verdict: 'missing' });
    expect(asked.record.verdict).toBe('fail');
    expect((await judge()).overlap).toMatchObject({
      verdict: 'missing',
      why: expect.stringContaining('give training-data'),
    });
  });

  test('cannot be told from metrics', async () => {
    await writeFile(at('new.json'), '{"roc_auc": 0.9}');
    await writeFile(
      at('gate.yaml'),
      'version: 1\ntask: scores\nmetrics: [{name: roc_auc, lower_bound: 0.5}]\n',
    );
    const inputs = { metrics: at('new.json'), policy: at('gate.yaml'), 'training-data': at('data.csv') };
    await expect(given.gate(inputs)).rejects.toThrow(/training-data cannot be compared with metrics/);
  });
});
