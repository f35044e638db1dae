/** Metrics without a number: predictions that are none, one class alone, and files that say NaN. */
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { csv, data, predictions, useGateFolder } from '../fixtures/gate-folder.ts';

const { at, files, gate } = useGateFolder();

test('a score that is not a number fails; one class only is missing', async () => {
  await writeFile(at('good.csv'), csv(predictions(1.2, 2)).replace(/f0003,[\d.]+/, 'f0003,'));
  const record = await gate(files());
  expect(record.metrics[0]).toMatchObject({
    verdict: 'fail',
    challenger: null,
    why: 'y_score is not a finite number in 1 row; the first is in column "y_score" of the predictions at id "f0003" (good.csv)',
  });
  await writeFile(at('good.csv'), csv(predictions(1.2, 2)).replace(/,0[.\d]*$|,1$/gm, ','));
  expect((await gate(files())).metrics[0]).toMatchObject({
    verdict: 'fail',
    why: 'y_score is not a finite number in 1200 rows; the first is in column "y_score" of the predictions at id "f0000" (good.csv)',
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
