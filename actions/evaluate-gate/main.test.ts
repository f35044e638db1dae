/** The whole gate on files, as the runtime calls it. */
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../../shared/models/digest.ts';
import { renderSection } from '../../shared/report/section.ts';
import {
  csv,
  data,
  type GateFolder,
  makeGateFolder,
  POLICY,
  predictions,
  ROWS,
} from './fixtures/gate-folder.ts';
import { report } from './report.ts';

describe('evaluate-gate', () => {
  let given: GateFolder;
  const at = (name: string) => given.at(name);
  const files = () => given.files();
  const gate = (inputs: Record<string, string>) => given.gate(inputs);
  beforeEach(async () => {
    given = await makeGateFolder();
  });
  afterEach(() => given.close());

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
      ['id,y_true,y_pred', ...rows.map((row) => `${row.id},${row.truth * 30.5},${row.score * 30}`)].join(
        '\n',
      ),
    );
    const numbers = await gate({ predictions: at('plain.csv') });
    expect(numbers).toMatchObject({ verdict: 'inconclusive', task: 'regression', policy: null });
    expect(numbers.metrics.map((metric) => metric.name)).toContain('r2');
  });

  test('slices are judged where they are large enough; a feature that is nowhere is missing', async () => {
    await writeFile(
      at('gate.yaml'),
      `${POLICY}slices:
  - {feature_keys: [origin], metrics: [roc_auc], min_absolute_change: -0.05, min_samples: 500}
  - {feature_keys: [airline], metrics: [recall], min_absolute_change: -0.05}
`,
    );
    const record = await gate(files());
    expect(record.slices.map((slice) => [slice.slice, slice.rows, slice.verdict])).toEqual([
      [{ origin: 'JFK' }, 800, 'pass'],
      [{ origin: 'ORD' }, 400, 'not_judged'],
      [{ airline: '(any)' }, null, 'missing'],
    ]);
    expect(record.verdict).toBe('fail');
    expect(record.reason).toContain('no file has the column airline');
  });

  test('a metric of slices whose column the predictions lack is missing, not a slice too small', async () => {
    const decided = predictions(1.2, 2).map((row) => `${row.id},${row.score > 0.5 ? 1 : 0}`);
    await writeFile(at('good.csv'), ['id,y_pred', ...decided].join('\n'));
    await writeFile(
      at('gate.yaml'),
      `version: 1
task: binary
columns: {id: flight_id, y_true: late}
metrics: [{name: accuracy, lower_bound: 0.5}]
slices: [{feature_keys: [origin], metrics: [log_loss], upper_bound: 9}]
`,
    );
    const record = await gate({ predictions: at('good.csv'), data: at('data.csv'), policy: at('gate.yaml') });
    expect(record.slices.map((slice) => slice.verdict)).toEqual(['missing', 'missing']);
    expect(record.verdict).toBe('fail');
    expect(record.reason).toContain('the predictions have no y_score');
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

  describe('rows that do not fit together are refused, with examples', () => {
    const rows = predictions(1.2, 2);
    test.each([
      [
        'one row more',
        csv([...rows, { ...rows[0]!, id: 'f9999' }]),
        /1 id only in the predictions \(such as f9999\)/,
      ],
      ['one row less', csv(rows.slice(1)), /1 id only in the baseline's predictions \(such as f0000\)/],
      ['twice the same id', csv([...rows, rows[5]!]), /more than once, such as f0005 \(2 times\)/],
      ['no id', csv(rows).replace('f0003,', ','), /id is empty in 1 row of the predictions/],
      ['no id column', csv(rows).replace('id,', 'key,'), /no column "flight_id" to join on/],
      [
        'other truth',
        ['id,y_score,y_true', ...rows.map((row) => `${row.id},0.5,0`)].join('\n'),
        /true labels in the data and the predictions differ in 480 rows/,
      ],
      [
        'a negative weight',
        ['id,y_score,w', ...rows.map((row) => `${row.id},0.5,-1`)].join('\n'),
        /negative or infinite in 1200 rows/,
      ],
      [
        'no weight at all',
        ['id,y_score,w', ...rows.map((row) => `${row.id},0.5,0`)].join('\n'),
        /sample_weight is 0 in every row/,
      ],
    ])('%s', async (_what, text, message) => {
      await writeFile(at('good.csv'), text);
      await writeFile(
        at('gate.yaml'),
        text.includes(',w') ? POLICY.replace('y_true: late', 'y_true: late, sample_weight: w') : POLICY,
      );
      await expect(gate(files())).rejects.toThrow(message);
    });

    test('no row at all', async () => {
      await writeFile(at('good.csv'), 'id,y_score\n');
      await expect(gate(files())).rejects.toThrow(/no row in the predictions/);
    });

    test('a column that the policy names and no file has', async () => {
      await writeFile(at('gate.yaml'), POLICY.replace('y_true: late', 'y_true: late, cluster: user'));
      await expect(gate(files())).rejects.toThrow(/names "user" as cluster, and no file has that column/);
    });

    test('labels that are names, and no policy that says the task', async () => {
      await writeFile(
        at('named.csv'),
        ['id,y_true,y_pred', 'a,churned,churned', 'b,stayed,churned'].join('\n'),
      );
      await expect(gate({ predictions: at('named.csv') })).rejects.toThrow(
        /true labels are names, such as "churned", and no policy says the task/,
      );
    });

    test('labels that are no labels', async () => {
      await writeFile(at('good.csv'), ['id,y_pred', ...rows.map((row) => `${row.id},maybe`)].join('\n'));
      await expect(gate(files())).rejects.toThrow(/holds "maybe", and the labels are 0, 1, false, true/);
    });
  });

  test('a score that is not a number fails; one class only is missing', async () => {
    await writeFile(at('good.csv'), csv(predictions(1.2, 2)).replace(/f0003,[\d.]+/, 'f0003,'));
    const record = await gate(files());
    expect(record.metrics[0]).toMatchObject({
      verdict: 'fail',
      challenger: null,
      why: 'y_score is not a finite number in 1 row',
    });
    await writeFile(at('good.csv'), csv(predictions(1.2, 2)).replace(/,0[.\d]*$|,1$/gm, ','));
    expect((await gate(files())).metrics[0]).toMatchObject({
      verdict: 'fail',
      why: 'y_score is not a finite number in 1200 rows',
    });
    await writeFile(at('data.csv'), data(predictions(1, 1)).replace(/,1,/g, ',0,'));
    await writeFile(at('good.csv'), csv(predictions(1.2, 2)));
    const single = await gate(files());
    expect(single.metrics[0]).toMatchObject({
      verdict: 'missing',
      why: 'only one class: no row is positive',
    });
    expect(single.verdict).toBe('fail');
  });

  test('metrics files: cannot tell, or on the point; a NaN fails', async () => {
    await writeFile(at('new.json'), '{"roc_auc": 0.81, "log_loss": NaN, "helpfulness": 4}');
    await writeFile(at('old.json'), '{"roc_auc": 0.80, "log_loss": 0.4, "helpfulness": 4.5}');
    const inputs = {
      metrics: at('new.json'),
      'baseline-metrics': at('old.json'),
      model: at('model'),
      policy: at('gate.yaml'),
    };
    const policy = (extra: string) =>
      writeFile(
        at('gate.yaml'),
        `version: 1\ntask: scores\n${extra}metrics:\n  - {name: roc_auc, min_absolute_change: 0}\n  - {name: helpfulness, direction: higher, min_relative_change: -0.2}\n`,
      );
    const { policy: _, ...reported } = inputs;
    const numbers = await gate({ ...reported, metrics: at('new.json') });
    expect(numbers.metrics.map(({ name, challenger }) => [name, challenger])).toEqual([
      ['roc_auc', 0.81],
      ['log_loss', null],
    ]);
    expect(numbers.verdict).toBe('inconclusive');
    await policy('');
    expect(await gate(inputs)).toMatchObject({ verdict: 'inconclusive', judgedFrom: 'metrics', rows: null });
    await policy('defaults: {decide_on: point}\n');
    expect((await gate(inputs)).verdict).toBe('pass');
    await writeFile(
      at('gate.yaml'),
      'version: 1\ntask: scores\nmetrics:\n  - {name: log_loss, upper_bound: 1}\n',
    );
    expect((await gate(inputs)).metrics[0]).toMatchObject({ verdict: 'fail', word: 'not a number' });
  });
});
