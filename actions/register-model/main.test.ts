import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../../shared/models/digest.ts';
import type { RecordFolder } from '../../shared/records/folder.ts';
import { readAttachedRecord, readPackagedModel } from '../../shared/registries/packaged-model.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import { renderSection } from '../../shared/report/section.ts';
import { sampleCalibration } from '../../shared/testing/sample-evaluation-variants.ts';
import {
  sampleEvaluation,
  sampleProfile,
  sampleTraining,
  sampleValidation,
} from '../../shared/testing/sample-records.ts';
import { NAME, RegisterStage } from './fixtures/register-stage.ts';
import { definition } from './main.ts';

describe('register-model', () => {
  let stage: RegisterStage;
  let folder: string;
  let records: RecordFolder;
  let registry: Registry;
  let registryText: string;

  beforeEach(async () => {
    stage = await RegisterStage.open(sampleEvaluation);
    ({ folder, records, registry, registryText } = stage);
  });
  afterEach(() => stage.close());

  const act: RegisterStage['act'] = (given, env) => stage.act(given, env);
  const makeModel = (name: string) => stage.makeModel(name);
  const evaluate: RegisterStage['evaluate'] = (...given) => stage.evaluate(...given);

  async function isEmpty(): Promise<boolean> {
    return (await readdir(folder)).every((entry) => entry !== 'store');
  }

  test('keeps everything that is known about a model with its version', async () => {
    const { path, digest } = await makeModel('m1');
    await evaluate(digest, 'pass', 'id,y_pred\n1,0\n');
    const profile = { ...sampleProfile(), name: NAME };
    const training = sampleTraining();
    const inputs = [{ role: 'data', name: 'january.parquet', digest: profile.subject.digest }];
    await records.write(profile);
    await records.write({ ...sampleValidation(), name: NAME, subject: profile.subject });
    await records.write({ ...training, name: NAME, subject: { digest }, inputs });
    await mkdir(join(folder, 'code'));
    await writeFile(join(folder, 'code', 'serve.py'), 'serve()');
    await writeFile(join(folder, 'requirements.txt'), 'scikit-learn==1.9.0\n');
    const { record, outputs } = await act({
      model: path,
      aliases: 'champion, staging',
      tags: 'team=risk\ntask=classification',
      code: join(folder, 'code'),
      requirements: join(folder, 'requirements.txt'),
      'predict-command': 'python predict.py',
      'serve-command': 'python serve.py',
    });
    const uri = `${registryText}/${NAME}@${digest}`;
    expect(outputs).toEqual({ uri, version: digest, digest, sarif: expect.stringMatching(/\.sarif$/) });
    expect(record).toMatchObject({
      verdict: 'pass',
      gate: 'passed',
      operation: 'register',
      created: true,
      uri,
      subject: { digest },
      tags: { team: 'risk', task: 'classification' },
      files: { count: 1, bytes: 2 },
      parent: null,
      by: 'ann',
      stored: [
        'TrainingRun',
        'DataProfile',
        'DataValidation',
        'predictions',
        'Evaluation',
        'code',
        'environment',
        'model-card',
        'statement',
      ],
      aliasMoves: [
        { alias: 'champion', from: null, to: digest },
        { alias: 'staging', from: null, to: digest },
      ],
    });
    expect(record.inputs.map((input) => input.role)).toEqual(
      expect.arrayContaining(['data', 'code', 'requirements']),
    );
    const stored = await readAttachedRecord(registry, digest, 'ModelVersion');
    expect(stored).toMatchObject({ uri, source: { repository: 'team/app' }, aliasMoves: [] });
    expect((await readAttachedRecord(registry, digest, 'TrainingRun'))?.command).toBe(training.command);
    expect((await readAttachedRecord(registry, digest, 'DataProfile'))?.rowCount).toBe(profile.rowCount);
    const validation = await readAttachedRecord(registry, digest, 'DataValidation');
    expect(validation?.subject).toEqual(profile.subject);
    const evaluation = await readAttachedRecord(registry, digest, 'Evaluation');
    const [predictions] = await registry.attachments(digest, 'predictions');
    expect(predictions).toMatchObject({
      name: evaluation?.predictions?.file,
      digest: evaluation?.predictions?.digest,
    });
    expect(new TextDecoder().decode(await predictions!.read())).toBe('id,y_pred\n1,0\n');
    const packaged = await readPackagedModel(registry, { digest }, join(folder, 'out'));
    expect(packaged).toMatchObject({ predictCommand: 'python predict.py', serveCommand: 'python serve.py' });
    expect(await readFile(join(packaged.codeFolder, 'serve.py'), 'utf8')).toBe('serve()');
    expect(await readFile(packaged.requirements!, 'utf8')).toBe('scikit-learn==1.9.0\n');
    expect(await readFile(join(packaged.modelFolder, 'model.pkl'), 'utf8')).toBe('m1');
    // A server that wrote into its model's folder can be started from it again.
    await writeFile(join(packaged.modelFolder, 'cache'), 'x');
    await readPackagedModel(registry, { digest }, join(folder, 'out'));
    expect((await modelDigest(packaged.modelFolder)).digest).toBe(digest);
  });

  test.each([
    ['fail', 'failed'],
    ['inconclusive', 'is inconclusive'],
    ['error', 'ended with an error'],
  ] as const)('refuses a model whose Evaluation is %s', async (verdict, words) => {
    const { path, digest } = await makeModel('m1');
    await evaluate(digest, verdict);
    const { record, outputs } = await act({ model: path, aliases: 'champion' });
    expect(record).toMatchObject({ verdict: 'fail', gate: 'refused', uri: null, aliasMoves: [] });
    expect(record.reason).toBe(`Not registered: its Evaluation ${words}.`);
    expect(outputs).toEqual({ sarif: expect.stringMatching(/\.sarif$/) });
    expect(await isEmpty()).toBe(true);
    const forced = await act({ model: path, 'override-reason': 'the old one is down' });
    expect(forced.record).toMatchObject({
      verdict: 'warn',
      gate: 'overridden',
      overrideReason: 'the old one is down',
    });
    expect(await registry.resolve(digest)).toBeDefined();
  });

  test('refuses a model that is not the one that was judged, and says which was', async () => {
    const judged = await makeModel('judged');
    const other = await makeModel('other');
    await evaluate(judged.digest, 'pass');
    const { record } = await act({ model: other.path });
    expect(record).toMatchObject({ verdict: 'fail', gate: 'refused' });
    expect(record.reason).toContain(judged.digest);
    expect(await isEmpty()).toBe(true);
  });

  test('takes a calibration of the policy for no verdict on any model', async () => {
    const { path } = await makeModel('never-judged');
    await records.write({ ...sampleCalibration(), name: NAME });
    const { record } = await act({ model: path });
    expect(record).toMatchObject({ verdict: 'warn', gate: 'ungated' });
    expect(record.reason).toMatch(
      /it has no Evaluation \(a record of operation: calibrate is there, .* no model\)/,
    );
  });

  test('registers what was never judged as ungated, which takes no alias from another version', async () => {
    const first = await makeModel('first');
    const second = await makeModel('second');
    const { record } = await act({ model: first.path, aliases: 'champion' });
    expect(record).toMatchObject({ verdict: 'warn', gate: 'ungated' });
    const replaced = await act({ model: second.path, aliases: 'champion' });
    expect(replaced.record).toMatchObject({ verdict: 'fail', gate: 'refused' });
    expect((await act({ model: second.path })).record.gate).toBe('ungated');
    const promoted = await act({
      operation: 'promote',
      model: `${NAME}@${second.digest}`,
      aliases: 'champion',
    });
    expect(promoted.record).toMatchObject({ verdict: 'fail', reason: 'Not promoted: it has no Evaluation.' });
    expect((await registry.resolve('champion'))?.digest).toBe(first.digest);
    const forced = await act({
      operation: 'promote',
      model: `${NAME}@${second.digest}`,
      aliases: 'champion',
      'override-reason': 'judged by hand',
    });
    expect(forced.record).toMatchObject({
      verdict: 'warn',
      gate: 'overridden',
      overrideReason: 'judged by hand',
    });
    expect((await registry.resolve('champion'))?.digest).toBe(second.digest);
    const kept = await readAttachedRecord(registry, second.digest, 'ModelVersion');
    expect(kept).toMatchObject({
      operation: 'promote',
      overrideReason: 'judged by hand',
      files: { count: 1 },
    });
  });

  test('makes one version of the same bytes and refreshes what is known', async () => {
    const { path, digest } = await makeModel('m1');
    await act({ model: path, tags: 'a=1', 'serve-command': 'serve' });
    await evaluate(digest, 'pass');
    const { record } = await act({ model: path, tags: 'b=2' });
    expect(record).toMatchObject({
      created: false,
      gate: 'passed',
      tags: { a: '1', b: '2' },
      serveCommand: 'serve',
    });
    expect(record.reason).toContain('registered before');
    expect(await registry.versions()).toHaveLength(1);
    // The Evaluation that is kept with the version still counts where the folder has none.
    await rm(join(folder, 'records'), { recursive: true });
    expect((await act({ model: path })).record.gate).toBe('passed');
  });

  test('promotes by a later Evaluation and goes back along the history of the alias', async () => {
    const digests: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const { path, digest } = await makeModel(name);
      await evaluate(digest, 'warn');
      const { record } = await act({ model: path });
      expect(record.parent).toBeNull();
      await act({ operation: 'promote', model: `${registryText}/${NAME}@${digest}`, aliases: 'champion' });
      digests.push(digest);
    }
    const [a, b, c] = digests;
    const back = (reason: string) => act({ operation: 'rollback', model: `${NAME}@champion`, reason });
    stage.runUrl = 'https://github.test/team/app/actions/runs/2';
    const first = await back('p95 doubled');
    expect(first.record).toMatchObject({
      operation: 'rollback',
      verdict: 'pass',
      subject: { digest: b },
      aliasMoves: [{ alias: 'champion', from: c, to: b }],
    });
    expect(first.record.reason).toContain('p95 doubled');
    // The same run again (it was interrupted, or a person pressed the button): not one step further.
    expect((await back('p95 doubled')).record.aliasMoves).toEqual(first.record.aliasMoves);
    expect((await registry.resolve('champion'))?.digest).toBe(b);
    stage.runUrl = 'https://github.test/team/app/actions/runs/3';
    expect((await back('still slow')).record.subject.digest).toBe(a);
    stage.runUrl = 'https://github.test/team/app/actions/runs/4';
    await expect(back('again')).rejects.toThrow('has no version before');
    expect((await registry.aliasHistory('champion')).at(-1)).toMatchObject({
      operation: 'rollback',
      by: 'ann',
      reason: 'still slow',
      runUrl: 'https://github.test/team/app/actions/runs/3',
    });
  });

  test('names the holder before as the parent of a new version', async () => {
    const first = await makeModel('first');
    const second = await makeModel('second');
    await evaluate(first.digest, 'pass');
    await act({ model: first.path, aliases: 'champion' });
    await evaluate(second.digest, 'pass');
    for (let time = 0; time < 2; time++) {
      const { record } = await act({ model: second.path, aliases: 'champion' });
      expect(record.parent).toBe(first.digest);
    }
  });

  test.each([
    [
      { operation: 'promote', model: `${NAME}@champion`, aliases: 'champion', code: 'src' },
      'code has no meaning',
    ],
    [
      { operation: 'rollback', model: `${NAME}@champion`, 'override-reason': 'x' },
      'override-reason has no meaning',
    ],
    [{ operation: 'register', model: 'm', reason: 'x' }, 'reason has no meaning'],
    [{ operation: 'promote', model: `${NAME}@champion` }, 'none is given'],
    [{ operation: 'promote', model: 'other@champion', aliases: 'x' }, 'of the name other'],
    [{ operation: 'promote', model: `${NAME}@nothing`, aliases: 'x' }, 'There is no version nothing'],
    [{ operation: 'rollback', model: `${NAME}`, aliases: 'x' }, 'names no version'],
    [{ model: 'missing' }, 'There is no model at missing'],
    [{ model: 'x', registry: 's3://bucket' }, 'none of the known schemes'],
    [{ model: 'x', registry: 'sagemaker:' }, 'No AWS region is set'],
    [{ model: 'x', aliases: 'latest' }, 'reserved'],
    [{ model: 'oci-layout:a/b@c' }, 'not a registry URI'],
  ])('refuses the inputs %j', async (given, message) => {
    await expect(act(given)).rejects.toThrow(message);
    expect(await isEmpty()).toBe(true);
  });

  test('shows text from outside as text', async () => {
    const { path } = await makeModel('m1');
    const hostile = '</details><img src=x onerror=alert(1)>@everyone ::error::x';
    const { record } = await act({ model: path, tags: `k=${hostile}`, 'serve-command': hostile });
    const markdown = renderSection(definition.report(record));
    expect(markdown).not.toMatch(/<img|@everyone|::error/);
    expect(markdown).toContain('ungated');
  });
});
