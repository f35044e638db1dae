/** The champion from a registry on disk: its stored predictions, its own code, or neither. */
import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packCode } from '../../../shared/models/code-archive.ts';
import type { AnyRecord } from '../../../shared/records/kinds.ts';
import { writeRecordText } from '../../../shared/records/text.ts';
import {
  CODE_ARCHIVE,
  CODE_ROLE,
  PREDICTIONS_ROLE,
  RECORD_FILE,
} from '../../../shared/registries/packaged-model.ts';
import { openRegistry, parseRegistry, type Registry } from '../../../shared/registries/registry.ts';
import { sampleVersion } from '../../../shared/testing/sample-records.ts';
import { type GateFolder, makeGateFolder, NAME } from '../fixtures/gate-folder.ts';

describe('the champion', () => {
  let given: GateFolder;
  const at = (name: string) => given.at(name);
  const files = () => given.files();
  const gate = (inputs: Record<string, string>) => given.gate(inputs);
  beforeEach(async () => {
    given = await makeGateFolder();
    registry = await openRegistry(parseRegistry(`oci-layout:${at('store')}`, NAME), { env: {} });
    await writeFile(at('predict.mjs'), SCRIPT);
  });
  afterEach(() => given.close());

  let registry: Registry;
  const uri = () => `oci-layout:${at('store')}/${NAME}@champion`;
  /** A predict-command in Node: every score is the number in the model's file. */
  const program = (code: string) => `"${process.execPath}" ${code}`;
  const SCRIPT = `import { readFileSync, writeFileSync } from 'node:fs';
const rows = readFileSync(process.env.DATA, 'utf8').trim().split('\\n').slice(1);
const own = readFileSync(process.env.MODEL_DIR + '/model.txt', 'utf8') === 'champion' ? 0.3 : 0.6;
const line = (row) => { const [id, late] = row.split(','); return id + ',' + (0.5 + (late - 0.5) * own + (Number(id.slice(1)) % 10) / 60); };
writeFileSync(process.env.PREDICTIONS, ['id,y_score', ...rows.map(line)].join('\\n'));
`;

  async function register(attached: AnyRecord[], predictionsFile?: string): Promise<string> {
    await mkdir(at('champion'), { recursive: true });
    await writeFile(at('champion/model.txt'), 'champion');
    const { digest } = await registry.pushModel(at('champion'));
    for (const record of attached) {
      const bytes = new TextEncoder().encode(writeRecordText({ ...record, subject: { digest } }));
      await registry.attach(digest, record.kind, [{ name: RECORD_FILE, bytes }]);
    }
    if (predictionsFile)
      await registry.attach(digest, PREDICTIONS_ROLE, [{ name: 'predictions.csv', path: predictionsFile }]);
    await registry.moveAlias('champion', { to: digest });
    return digest;
  }
  const challenge = () => ({
    model: at('model'),
    'predict-command': program(at('predict.mjs')),
    data: at('data.csv'),
    baseline: uri(),
    policy: at('gate.yaml'),
  });

  test('no champion yet: judged by its own limits only', async () => {
    const record = await gate(challenge());
    expect(record).toMatchObject({
      verdict: 'warn',
      judgedFrom: 'predict-command',
      baseline: { status: 'missing' },
    });
    expect(record.reason).toContain('judged by its own limits only');
    // The record outlives the temporary folder that the command wrote into.
    expect(record.inputs.find(({ role }) => role === 'predictions')?.name).toBe('predictions.csv');
  });

  test('the predictions stored with the champion, when they are of this very data', async () => {
    const earlier = await gate({
      predictions: at('poor.csv'),
      data: at('data.csv'),
      model: at('model'),
      policy: at('gate.yaml'),
    });
    const digest = await register([earlier], given.records.attachmentPath(earlier.predictions!.file));
    const record = await gate({
      ...files(),
      'baseline-predictions': '',
      baseline: uri(),
      model: at('model'),
    });
    expect(record.baseline).toMatchObject({ status: 'compared', digest, from: uri() });
    expect(given.said.join('\n')).toContain('those stored with it');
    expect(record.metrics[0]!.champion).toBeCloseTo(earlier.metrics[0]!.challenger!, 12);
  });

  test('on other data its own packaged code is run, in its own folder', async () => {
    const digest = await register([{ ...sampleVersion(), predictCommand: program('predict.mjs') }]);
    await mkdir(at('code'));
    await writeFile(at('code/predict.mjs'), SCRIPT);
    await packCode(at('code'), at('code.tar'), []);
    await registry.attach(digest, CODE_ROLE, [{ name: CODE_ARCHIVE, path: at('code.tar') }]);
    const record = await gate(challenge());
    expect(record.baseline).toMatchObject({ status: 'compared', digest });
    expect(given.said.join('\n')).toContain('made now by its own packaged code');
    expect(record.metrics[1]).toMatchObject({ name: 'log_loss', word: 'better' });
  });

  test('a champion that packages no program, on other data, counts as missing', async () => {
    const digest = await register([]);
    const record = await gate(challenge());
    expect(record.baseline).toMatchObject({
      status: 'missing',
      digest,
      why: expect.stringContaining('packages no predict-command'),
    });
  });
});
