import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../../shared/models/digest.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import { openRegistry, parseRegistry } from '../../shared/registries/registry.ts';
import { renderSection } from '../../shared/report/section.ts';
import { sampleEvaluation } from '../../shared/testing/sample-records.ts';
import { NAME, RegisterStage } from './fixtures/register-stage.ts';
import { definition } from './main.ts';

let stage: RegisterStage;
beforeEach(async () => {
  stage = await RegisterStage.open(sampleEvaluation);
});
afterEach(() => stage.close());

describe('copy', () => {
  test('brings the version and all that belongs to it to another registry', async () => {
    const keys = await stage.writeKeys('ours');
    const digest = await stage.register('m1', { 'signing-key': keys.privateKey, tags: 'team=risk' });
    const to = `oci-layout:${join(stage.folder, 'other')}`;
    const from = `${stage.registryText}/${NAME}@${digest}`;
    const { record, outputs } = await stage.act({ operation: 'copy', from, to, aliases: 'champion' });
    expect(record).toMatchObject({ operation: 'copy', verdict: 'pass', created: true, copiedFrom: from });
    expect(outputs).toMatchObject({ uri: `${to}/${NAME}@${digest}`, digest });
    const other = await openRegistry(parseRegistry(to, NAME), { env: {} });
    expect((await other.resolve('champion'))?.digest).toBe(digest);
    expect((await readAttachedRecord(other, digest, 'ModelVersion'))?.tags).toEqual({ team: 'risk' });
    const verify = {
      operation: 'verify',
      model: `${to}/${NAME}@champion`,
      'verification-key': keys.publicKey,
    };
    expect((await stage.act(verify)).record.verdict).toBe('pass');
    const again = await stage.act({ operation: 'copy', from, to });
    expect(again.record).toMatchObject({ created: false, verdict: 'pass' });
    expect(await other.versions()).toHaveLength(1);
  });

  test('brings nothing that was rejected here or there', async () => {
    const digest = await stage.register('m1');
    const place = join(stage.folder, 'other');
    const from = `${stage.registryText}/${NAME}@${digest}`;
    const copy = { operation: 'copy', from, to: `oci-layout:${place}`, aliases: 'champion' };
    await stage.act({ operation: 'copy', from, to: copy.to });
    const other = await openRegistry(parseRegistry(copy.to, NAME), { env: {} });
    await other.setStanding(digest, { approval: 'rejected', by: 'bob' });
    expect((await stage.act(copy)).record.reason).toBe('Not copied: it was rejected by bob.');
    expect(await other.resolve('champion')).toBeUndefined();
    await stage.registry.setStanding(digest, { approval: 'rejected', by: 'ann' });
    const elsewhere = { ...copy, to: `oci-layout:${place}-2` };
    expect((await stage.act(elsewhere)).record.reason).toBe('Not copied: it was rejected by ann.');
  });

  test('brings what nobody judged, without an alias, and not when it was rejected', async () => {
    const { path, digest } = await stage.makeModel('m1');
    await stage.act({ model: path });
    const to = `oci-layout:${join(stage.folder, 'other')}`;
    const from = `${stage.registryText}/${NAME}@${digest}`;
    const refused = await stage.act({ operation: 'copy', from, to, aliases: 'champion' });
    expect(refused.record).toMatchObject({ verdict: 'fail', reason: 'Not copied: it has no Evaluation.' });
    expect((await stage.act({ operation: 'copy', from, to })).record.verdict).toBe('warn');
    await stage.registry.setStanding(digest, { approval: 'rejected', by: 'ann' });
    expect((await stage.act({ operation: 'copy', from, to })).record).toMatchObject({
      gate: 'refused',
      reason: 'Not copied: it was rejected by ann.',
    });
  });

  test('scans what it brings, and brings nothing that runs a program when it is loaded', async () => {
    const path = join(stage.folder, 'evil');
    await mkdir(path);
    await writeFile(join(path, 'model.pkl'), "cos\nsystem\n(S'echo'\ntR.");
    const { digest } = await modelDigest(path);
    await stage.evaluate(digest, 'pass');
    await stage.act({ model: path, scan: 'off' });
    const to = `oci-layout:${join(stage.folder, 'other')}`;
    const copy = { operation: 'copy', from: `${stage.registryText}/${NAME}@${digest}`, to };
    const { record, outputs } = await stage.act(copy);
    expect(record).toMatchObject({
      verdict: 'fail',
      gate: 'refused',
      uri: null,
      scan: { mode: 'fail', result: { counts: { error: 1 }, findings: [{ file: 'model.pkl' }] } },
    });
    expect(record.reason).toMatch(/^Not copied: the safety scan found .*os\.system/);
    expect(outputs.sarif).toMatch(/\.sarif$/);
    const report = renderSection(definition.report(record));
    expect(report).toContain('not copied ❌');
    expect(report).toContain('| `model.pkl` |');
    const other = await openRegistry(parseRegistry(to, NAME), { env: {} });
    expect(await other.resolve(digest)).toBeUndefined();
    const warned = await stage.act({ ...copy, scan: 'warn' });
    expect(warned.record).toMatchObject({ verdict: 'warn', created: true });
    expect(warned.record.reason).toContain(' But the safety scan found ');
    const kept = await readAttachedRecord(other, digest, 'ModelVersion');
    expect(kept).toMatchObject({ operation: 'copy', scan: { mode: 'warn' } });
  });

  test.each([
    [{ to: 'oci-layout:x' }, 'needs the input from'],
    [{ from: `oci-layout:x/${NAME}@a` }, 'needs the input to'],
    [{ from: 'x', to: 'oci-layout:x' }, 'is no registry URI'],
    [{ from: 'oci-layout:x/other@a', to: 'oci-layout:x' }, 'of the name other'],
  ])('refuses %j', async (given, message) => {
    await expect(stage.act({ operation: 'copy', ...given })).rejects.toThrow(message);
  });
});
