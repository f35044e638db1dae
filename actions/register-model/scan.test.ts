import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../../shared/models/digest.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import { renderSection } from '../../shared/report/section.ts';
import { startOciServer } from '../../shared/testing/oci-server.ts';
import { sampleEvaluation } from '../../shared/testing/sample-records.ts';
import { NAME, RegisterStage } from './fixtures/register-stage.ts';
import { definition } from './main.ts';

/** Would print a word if anything loaded it. */
const EVIL = "cos\nsystem\n(S'echo'\ntR.";
const EVIL_SHA256 = createHash('sha256').update(EVIL).digest('hex');

let stage: RegisterStage;
beforeEach(async () => {
  stage = await RegisterStage.open(sampleEvaluation);
});
afterEach(() => stage.close());

/** A model with a harmless file and one that runs a program when it is loaded. */
async function evilModel(): Promise<{ path: string; digest: string }> {
  const path = join(stage.folder, 'evil');
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'weights.bin'), 'weights');
  await writeFile(join(path, 'model.pkl'), EVIL);
  const { digest } = await modelDigest(path);
  await stage.evaluate(digest, 'pass');
  return { path, digest };
}

async function allowFile(entries: object[]): Promise<string> {
  const path = join(stage.folder, 'allow.yaml');
  await writeFile(path, JSON.stringify(entries));
  return path;
}

describe('a model whose pickle runs a program', () => {
  test('is refused before the registry hears of it, and no reason of a person lets it through', async () => {
    const { path, digest } = await evilModel();
    const server = await startOciServer();
    try {
      const registry = `oci://${server.host}/models`;
      const given = { model: path, registry, aliases: 'champion', 'override-reason': 'in a hurry' };
      const { record, outputs } = await stage.act(given);
      expect(server.requests).toEqual([]);
      expect(record).toMatchObject({
        verdict: 'fail',
        gate: 'refused',
        uri: null,
        version: null,
        registry,
        subject: { digest },
        overrideReason: null,
        aliasMoves: [],
        scan: { mode: 'fail', result: { files: 2, counts: { error: 1 } } },
      });
      expect(record.reason).toMatch(/^Not registered: the safety scan found .*os\.system.*\(model\.pkl\)\.$/);
      expect(record.scan?.result?.findings).toMatchObject([
        { rule: 'pickle-import', level: 'error', file: 'model.pkl', members: [], allowed: null },
      ]);
      const report = renderSection(definition.report(record));
      expect(report).toContain('not registered ❌');
      expect(report).toContain('| `model.pkl` |');
      expect(report).toContain('os.system');
      expect(report).toContain('scan-allow');
      expect(JSON.parse(await readFile(outputs.sarif!, 'utf8'))).toMatchObject({
        version: '2.1.0',
        runs: [{ results: [{ ruleId: 'pickle-import', level: 'error' }] }],
      });
    } finally {
      await server.close();
    }
  });

  test('is stored with a warning where scan says so, and its version keeps what was found', async () => {
    const { path, digest } = await evilModel();
    const { record } = await stage.act({ model: path, scan: 'warn' });
    expect(record).toMatchObject({ verdict: 'warn', gate: 'passed', created: true });
    expect(record.reason).toMatch(
      /^Registered: its Evaluation passed\. But the safety scan found .*os\.system/,
    );
    const stored = await readAttachedRecord(stage.registry, digest, 'ModelVersion');
    expect(stored?.scan).toEqual(record.scan);
    const { record: promoted } = await stage.act({
      operation: 'promote',
      model: `${NAME}@${digest}`,
      aliases: 'champion',
    });
    expect(promoted.scan).toEqual(record.scan);
  });

  test('is let through by scan-allow, and record, report and SARIF say why', async () => {
    const { path } = await evilModel();
    const entry = { name: 'os.system', sha256: EVIL_SHA256, reason: 'prints a word', expires: '2026-03-01' };
    const { record, outputs } = await stage.act({ model: path, 'scan-allow': await allowFile([entry]) });
    expect(record).toMatchObject({ verdict: 'pass', created: true });
    const allowed = 'prints a word (until 2026-03-01)';
    expect(record.scan?.result).toMatchObject({ counts: { error: 0 }, findings: [{ allowed }] });
    const report = renderSection(definition.report(record));
    expect(report).toContain('Let through by scan-allow · 1');
    expect(report).toContain(allowed);
    expect(stage.said.join('\n')).toContain(allowed);
    const log = JSON.parse(await readFile(outputs.sarif!, 'utf8'));
    expect(log.runs[0].results[0].suppressions).toEqual([
      { kind: 'external', status: 'accepted', justification: allowed },
    ]);
  });

  test.each([
    ['has expired', { expires: '2026-02-28' }, 'expired after 2026-02-28'],
    ['is of another file', { sha256: '0'.repeat(64) }, 'permits nothing'],
    ['is of another name', { name: 'posix.system' }, 'permits nothing'],
  ])('is refused where the entry in scan-allow %s, which the log says', async (_what, other, said) => {
    const { path, digest } = await evilModel();
    const entry = { name: 'os.system', reason: 'prints a word', expires: '2027-01-01', ...other };
    const { record } = await stage.act({ model: path, 'scan-allow': await allowFile([entry]) });
    expect(record).toMatchObject({ verdict: 'fail', uri: null });
    expect(stage.said.join('\n')).toContain(said);
    expect(await stage.registry.resolve(digest)).toBeUndefined();
  });

  test('is not looked at where scan is off, and the record says so', async () => {
    const { path } = await evilModel();
    const { record, outputs } = await stage.act({ model: path, scan: 'off' });
    expect(record).toMatchObject({ verdict: 'pass', scan: { mode: 'off', result: null } });
    expect(outputs.sarif).toBeUndefined();
    expect(renderSection(definition.report(record))).toContain('not scanned');
    expect(stage.said.join('\n')).toContain('not scanned');
  });
});

test('what is given wrongly is refused before anything is scanned', async () => {
  const { path } = await evilModel();
  const allow = await allowFile([{ name: 'os.system', reason: 'x' }]);
  await expect(stage.act({ model: path, 'scan-allow': allow })).rejects.toMatchObject({
    where: { file: allow, line: 1, key: '[0].expires' },
  });
  const both = stage.act({ model: path, scan: 'off', 'scan-allow': allow });
  await expect(both).rejects.toMatchObject({ where: { key: 'scan-allow' } });
  const nothing = stage.act({ operation: 'scan', model: path, scan: 'off' });
  await expect(nothing).rejects.toMatchObject({ where: { key: 'scan' } });
});

describe('operation: scan', () => {
  const scan = (model: string, given: Record<string, string> = {}) =>
    stage.act({ operation: 'scan', model, ...given });

  test('says what files on disk may do, and stores nothing', async () => {
    const { path, digest } = await evilModel();
    const { record, outputs } = await scan(path);
    expect(record).toMatchObject({
      operation: 'scan',
      verdict: 'fail',
      registry: '',
      uri: null,
      subject: { digest },
      files: { count: 2 },
      scan: { mode: 'fail', result: { counts: { error: 1 } } },
    });
    expect(outputs).toEqual({ digest, sarif: expect.stringMatching(/\.sarif$/) });
    expect(await readdir(stage.folder)).not.toContain('store');
    expect(renderSection(definition.report(record))).toContain('not safe to load ❌');
    expect((await scan(path, { scan: 'warn' })).record.verdict).toBe('warn');
  });

  test('passes a harmless model', async () => {
    const { path } = await stage.makeModel('m1');
    const { record } = await scan(path);
    expect(record).toMatchObject({ verdict: 'pass', reason: 'The safety scan found nothing.' });
    expect(renderSection(definition.report(record))).toContain('scanned, nothing found ✅');
  });

  test('looks into a version that was stored before', async () => {
    const { path, digest } = await evilModel();
    await stage.act({ model: path, scan: 'off' });
    const { record, outputs } = await scan(`${stage.registryText}/${NAME}@${digest}`);
    expect(record).toMatchObject({ verdict: 'fail', operation: 'scan', subject: { digest } });
    expect(outputs).toMatchObject({ digest, uri: expect.stringContaining(digest) });
    const log = JSON.parse(await readFile(outputs.sarif!, 'utf8'));
    expect(log.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri).toBe(
      `${NAME}/model.pkl`,
    );
    // The record of the registration stays as it was.
    const stored = await readAttachedRecord(stage.registry, digest, 'ModelVersion');
    expect(stored?.operation).toBe('register');
  });
});
