/** Slices that are judged, too small, or cannot be made. */
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { POLICY, predictions, useGateFolder } from '../fixtures/gate-folder.ts';

const { at, files, gate } = useGateFolder();

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
