import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scanRefuses } from '../../shared/records/model-scan.ts';
import { readAttachedRecord, recordAttachment } from '../../shared/registries/packaged-model.ts';
import { renderSection } from '../../shared/report/section.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { sampleScan } from '../../shared/testing/sample-scan.ts';
import { better } from './fixtures/canary-scenes.ts';
import { CanaryStage } from './fixtures/canary-stage.ts';
import { openTestRegistry, registerVersion } from './fixtures/registered-model.ts';
import type { Given } from './inputs.ts';
import { report } from './report.ts';
import { scanChallenger } from './scan-challenger.ts';
import type { Target } from './targets/target.ts';

/** Would print a word if anything loaded it. */
const EVIL = "cos\nsystem\n(S'echo'\ntR.";

let stage: CanaryStage;
beforeEach(async () => {
  stage = await CanaryStage.create();
});
afterEach(() => stage.close());

const evilVersion = () =>
  registerVersion(stage.folder, { name: 'evil' }, { evaluation: 'pass', files: { 'encoder.pkl': EVIL } });

test('a model whose pickle runs a program is not served, with all that was found in record and report', async () => {
  const { uri } = await evilVersion();
  const { record, result } = await stage.run({ model: uri, 'override-reason': 'in a hurry' });
  expect(JSON.parse(await readFile(result.outputs!.sarif!, 'utf8'))).toMatchObject({
    runs: [{ results: [{ ruleId: 'pickle-import' }] }],
  });
  expect(record).toMatchObject({
    outcome: 'refused',
    verdict: 'fail',
    serving: null,
    scan: { mode: 'fail', result: { counts: { error: 1 }, findings: [{ file: 'encoder.pkl' }] } },
  });
  expect(record.reason).toMatch(/^The model was not deployed: the safety scan found .*os\.system/);
  expect(await stage.processes()).toEqual([]);
  const text = renderSection(report(record));
  expect(text).toContain('`encoder.pkl`');
  expect(text).toContain('safety scan: refused');
});

test('it is not brought up by the alias either, as one is that the gate refuses', async () => {
  const { uri, digest } = await evilVersion();
  const registry = await openTestRegistry(stage.folder);
  await registry.moveAlias('champion', { to: digest, expected: null, operation: 'promote' });
  expect((await stage.run({ model: uri })).record).toMatchObject({ outcome: 'refused', serving: null });
});

test('with scan: warn it serves with a warning; what serves is not looked at again', async () => {
  const { uri, digest } = await evilVersion();
  const { record } = await stage.run({ model: uri, scan: 'warn' });
  expect(record).toMatchObject({
    outcome: 'promoted',
    verdict: 'warn',
    serving: digest,
    scan: { mode: 'warn' },
  });
  expect(stage.log.join('\n')).toContain('goes on although the safety scan found');
  const { record: again } = await stage.run({ model: uri });
  expect(again).toMatchObject({ outcome: 'promoted', verdict: 'pass' });
  expect(again.scan).toBeUndefined();
});

test('a champion that has to be started again is scanned as well', async () => {
  const { digest } = await evilVersion();
  const registry = await openTestRegistry(stage.folder);
  await registry.moveAlias('champion', { to: digest, expected: null, operation: 'promote' });
  const { uri } = await registerVersion(stage.folder, better, { evaluation: 'pass' });
  await expect(stage.run({ model: uri })).rejects.toThrow(
    /^The version .* is not started: the safety scan found .*os\.system/,
  );
  expect(await stage.processes()).toEqual([]);
  const { record } = await stage.run({ model: uri, scan: 'warn' });
  expect(record).toMatchObject({ champion: { digest } });
  expect(stage.log.join('\n')).toContain('is started although the safety scan found');
});

test('a rollback looks into what it goes back to, and only warns', async () => {
  const { uri, digest } = await evilVersion();
  await stage.run({ model: uri, scan: 'warn' });
  const next = await registerVersion(stage.folder, better, { evaluation: 'pass' });
  expect((await stage.run({ model: next.uri })).record.outcome).toBe('promoted');
  stage.log.length = 0;
  expect((await stage.run({ operation: 'rollback' })).record).toMatchObject({ serving: digest });
  expect(stage.log.join('\n')).toContain('is started although the safety scan found');
});

test('what scan-allow names serves', async () => {
  const { uri, digest } = await evilVersion();
  const allow = join(stage.folder, 'allow.yaml');
  await writeFile(allow, '- {name: os.system, reason: prints a word, expires: 2999-01-01}\n');
  const { record } = await stage.run({ model: uri, 'scan-allow': allow });
  expect(record).toMatchObject({ outcome: 'promoted', verdict: 'pass', serving: digest });
  expect(record.scan?.result?.findings).toMatchObject([{ allowed: 'prints a word (until 2999-01-01)' }]);
  expect(renderSection(report(record))).toContain('prints a word');
});

test('where the files do not come to this machine, what the record says of them counts', async () => {
  const { uri, digest } = await evilVersion();
  const registry = await openTestRegistry(stage.folder);
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const around = {
    given: { target: 'kubernetes' } as Given,
    deps: { log: { info: say, warning: say } } as unknown as Deps,
    registry,
    target: { served: () => ({ champion: null, challenger: null }) } as unknown as Target,
  };
  const ask = () => scanChallenger({ digest, uri }, { mode: 'fail', allow: [] }, around);
  expect(await ask()).toBeUndefined();
  expect(said.join()).toContain(`operation: scan and model: ${uri}`);

  const record = await readAttachedRecord(registry, digest, 'ModelVersion');
  const { role, files } = recordAttachment({ ...record!, scan: sampleScan('data.pkl', 'warn') });
  await registry.attach(digest, role, files);
  const scan = await ask();
  expect(scan).toEqual(sampleScan('data.pkl', 'fail'));
  expect(scanRefuses(scan!)).toBe(true);
  expect(said.join()).toContain(
    'As its record of 2026-01-01T00:00:00.000Z says, the safety scan found 2 things',
  );
});
