/** The whole gate on files, as the runtime calls it. */
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { modelDigest } from '../../shared/models/digest.ts';
import { renderSection } from '../../shared/report/section.ts';
import { POLICY, predictions, ROWS, useGateFolder } from './fixtures/gate-folder.ts';
import { report } from './report.ts';

const { at, files, gate, given } = useGateFolder();

test('a better model passes, with intervals, curves and its predictions kept', async () => {
  const record = await gate({ ...files(), model: at('model') });
  expect(record).toMatchObject({ verdict: 'pass', task: 'binary', rows: ROWS, judgedFrom: 'predictions' });
  expect(record.subject.digest).toBe((await modelDigest(at('model'))).digest);
  const markdown = renderSection(report(record))
    .replaceAll(given.folder, '.')
    .replaceAll(record.subject.digest.slice(7, 19), '…');
  await expect(markdown).toMatchFileSnapshot('./evaluated.golden.md');
  const [auc] = record.metrics;
  expect(auc).toMatchObject({
    name: 'roc_auc',
    word: 'better',
    method: 'DeLong, on the logit scale for the value',
  });
  expect(auc!.interval![0]).toBeGreaterThan(0);
  expect(record.curves!.champion!.roc.length).toBeLessThanOrEqual(100);
  const kept = await given.records.readAttachment(record.predictions!.file, record.predictions!.digest);
  expect(new TextDecoder().decode(kept).split('\n', 2)).toEqual([
    'id,y_score',
    expect.stringMatching(/^f0000,0\.\d+$/),
  ]);
  expect(record.inputs.map((input) => input.role)).toEqual([
    'predictions',
    'baseline-predictions',
    'data',
    'model',
    'policy',
  ]);
});

test('a worse model fails, and the annotation points into the policy', async () => {
  const record = await gate({
    ...files(),
    predictions: at('poor.csv'),
    'baseline-predictions': at('good.csv'),
  });
  expect(record.verdict).toBe('fail');
  expect(record.reason).toMatch(/^roc_auc is worse: −0\.\d+ \[/);
});

test('the order of rows changes nothing, whatever the format', async () => {
  const shuffled = predictions(1.2, 2).toReversed();
  await writeFile(
    at('good.jsonl'),
    shuffled.map((row) => JSON.stringify({ id: row.id, y_score: row.score })).join('\n'),
  );
  const [first, second] = [await gate(files()), await gate({ ...files(), predictions: at('good.jsonl') })];
  expect(second.metrics).toEqual(first.metrics);
  expect(second.predictions!.digest).toBe(first.predictions!.digest);
});

test('no policy: reported, not judged; and the task is seen from the labels', async () => {
  const record = await gate({
    predictions: at('good.csv'),
    data: at('data.csv').replace('data', 'plain'),
  }).catch(() => undefined);
  expect(record).toBeUndefined();
  const rows = predictions(1.2, 2);
  await writeFile(
    at('plain.csv'),
    ['id,y_true,y_pred', ...rows.map((row) => `${row.id},${row.truth * 30.5},${row.score * 30}`)].join('\n'),
  );
  const numbers = await gate({ predictions: at('plain.csv') });
  expect(numbers).toMatchObject({ verdict: 'inconclusive', task: 'regression', policy: null });
  expect(numbers.metrics.map((metric) => metric.name)).toContain('r2');
});

test('without a baseline a flip rate is not silently passed over', async () => {
  await writeFile(
    at('gate.yaml'),
    `version: 1
task: binary
baseline: {on_missing: fail}
columns: {id: flight_id, y_true: late}
metrics: [{name: accuracy, lower_bound: 0.5}]
churn: {symmetric_flip_rate: {upper_bound: 0.1}}
`,
  );
  const inputs = { predictions: at('good.csv'), data: at('data.csv'), policy: at('gate.yaml') };
  expect(await gate(inputs)).toMatchObject({
    verdict: 'fail',
    reason: expect.stringContaining('The policy asks for a baseline.'),
  });
  await writeFile(at('new.json'), '{"accuracy": 0.9}');
  await expect(gate({ metrics: at('new.json'), policy: at('gate.yaml') })).rejects.toThrow(
    /flip cannot be judged from a metrics file/,
  );
});

test('flips and size', async () => {
  await writeFile(
    at('gate.yaml'),
    `${POLICY}resources: {model_size_mb: {upper_bound: 0.000001}}
churn: {symmetric_flip_rate: {upper_bound: 0.9}}
`,
  );
  const record = await gate({ ...files(), model: at('model') });
  const of = (name: string) => record.metrics.find((metric) => metric.name === name);
  expect(of('model_size_mb')).toMatchObject({ challenger: 0.00001, verdict: 'fail' });
  expect(of('symmetric_flip_rate')).toMatchObject({ verdict: 'pass', method: 'Wilson score' });
});
