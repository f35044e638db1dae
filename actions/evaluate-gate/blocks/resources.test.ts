import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../../../shared/models/digest.ts';
import type { AnyRecord } from '../../../shared/records/kinds.ts';
import { writeRecordText } from '../../../shared/records/text.ts';
import { RECORD_FILE } from '../../../shared/registries/packaged-model.ts';
import { openRegistry, parseRegistry } from '../../../shared/registries/registry.ts';
import { sampleTraining, sampleVersion } from '../../../shared/testing/sample-records.ts';
import { type GateFolder, makeGateFolder, NAME, POLICY } from '../fixtures/gate-folder.ts';

describe('resources', () => {
  let given: GateFolder;
  const at = (name: string) => given.at(name);
  beforeEach(async () => {
    given = await makeGateFolder();
  });
  afterEach(() => given.close());

  const gate = async (inputs: Record<string, string>, resources: string) => {
    await writeFile(at('gate.yaml'), `${POLICY.split('metrics:')[0]}resources: ${resources}\n`);
    const record = await given.gate({ ...given.files(), ...inputs });
    return { record, results: record.metrics.filter(({ block }) => block === 'resources') };
  };
  /** A champion in a registry, with records that are kept with it. */
  const champion = async (attached: AnyRecord[]) => {
    const registry = await openRegistry(parseRegistry(`oci-layout:${at('store')}`, NAME), { env: {} });
    await writeFile(at('champion.bin'), 'x'.repeat(2000));
    const { digest } = await registry.pushModel(at('champion.bin'));
    for (const record of attached) {
      const bytes = new TextEncoder().encode(writeRecordText({ ...record, subject: { digest } }));
      await registry.attach(digest, record.kind, [{ name: RECORD_FILE, bytes }]);
    }
    await registry.moveAlias('champion', { to: digest });
    return { 'baseline-predictions': '', baseline: `oci-layout:${at('store')}/${NAME}@champion` };
  };
  const trained = async (changes: Partial<ReturnType<typeof sampleTraining>>) => {
    const { digest } = await modelDigest(at('model'));
    await given.records.write({ ...sampleTraining(), name: NAME, subject: { digest }, ...changes });
  };

  test('of the model and the records of both trainings', async () => {
    await trained({ metrics: { cost_usd: 12, energy_kwh: 0.5 }, durationSeconds: 90 });
    const inputs = await champion([
      { ...sampleVersion(), files: { count: 1, bytes: 2000 }, predictCommand: null },
      { ...sampleTraining(), metrics: { cost_usd: 10 } },
    ]);
    const { record, results } = await gate(
      { ...inputs, model: at('model') },
      `{model_size_mb: {upper_bound: 1, min_relative_change: -0.1}, cost_usd: {min_relative_change: -0.1},
  energy_kwh: {upper_bound: 1, min_absolute_change: 0}, training_seconds: {upper_bound: 60, severity: warn}}`,
    );
    expect(
      results.map(({ name, champion: theirs, challenger, verdict }) => [name, theirs, challenger, verdict]),
    ).toEqual([
      ['model_size_mb', 0.002, 'challenger'.length / 1e6, 'pass'],
      ['cost_usd', 10, 12, 'fail'],
      ['energy_kwh', null, 0.5, 'missing'],
      ['training_seconds', 41.3, 90, 'warn'],
    ]);
    expect(results[2]!.why).toBe('the champion has no number: its training reported no energy_kwh');
    expect(record.inputs.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['training-run', 'baseline-training-run']),
    );
  });

  test('of metrics files, of several trainings their mean', async () => {
    await writeFile(at('first.json'), '{"roc_auc": 0.8, "cost_usd": 10, "energy_kwh": NaN}');
    await writeFile(at('second.json'), '{"roc_auc": 0.8, "cost_usd": 14, "energy_kwh": 1}');
    await writeFile(at('champion.json'), '{"roc_auc": 0.8, "cost_usd": 11}');
    await writeFile(
      at('gate.yaml'),
      'version: 1\ntask: scores\nresources: {cost_usd: {min_absolute_change: -2}, energy_kwh: {upper_bound: 9}}\n',
    );
    const record = await given.gate({
      metrics: `${at('first.json')}, ${at('second.json')}`,
      'baseline-metrics': at('champion.json'),
      policy: at('gate.yaml'),
    });
    expect(record.metrics.filter(({ block }) => block === 'resources')).toMatchObject([
      { name: 'cost_usd', champion: 11, challenger: 12, verdict: 'pass' },
      {
        name: 'energy_kwh',
        challenger: null,
        verdict: 'fail',
        word: 'not a number',
        why: 'the metrics file says NaN',
      },
    ]);
  });

  test('that nobody knows are missing, each with its sentence', async () => {
    const limits = '{model_size_mb: {upper_bound: 1}, cost_usd: {upper_bound: 1}}';
    expect((await gate({}, limits)).results.map(({ why }) => why)).toEqual([
      'the input model is not given',
      'the input model is not given, so its training is not known',
    ]);
    const { record, results } = await gate({ model: at('model') }, limits);
    expect(results.map(({ verdict, why }) => [verdict, why])).toEqual([
      ['pass', ''],
      ['missing', `${given.records.path} holds no TrainingRun record of this model`],
    ]);
    expect(record.verdict).toBe('fail');
    await trained({});
    expect((await gate({ model: at('model') }, limits)).results[1]!.why).toBe(
      'its training reported no cost_usd',
    );
  });

  test('of a champion that keeps no records, or is none of a registry', async () => {
    const limits =
      '{model_size_mb: {min_relative_change: -0.1}, training_seconds: {min_relative_change: -0.1}}';
    await trained({});
    const bare = await gate({ ...(await champion([])), model: at('model') }, limits);
    expect(bare.results.map(({ verdict }) => verdict)).toEqual(['missing', 'missing']);
    expect(bare.results.map(({ why }) => why)).toEqual([
      'the champion has no number: the registry keeps no record of its size',
      'the champion has no number: the registry keeps no TrainingRun record with it',
    ]);
    const files = await gate({ model: at('model') }, limits);
    expect(files.results[0]!.why).toBe('the champion has no number: the baseline is no model in a registry');
    const none = await gate({ 'baseline-predictions': '', model: at('model') }, limits);
    expect(none.results[0]!.word).toBe('no baseline');
  });
});
