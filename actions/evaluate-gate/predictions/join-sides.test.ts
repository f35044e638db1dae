/** Files that do not fit together are refused, with examples. */
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { csv, POLICY, predictions, useGateFolder } from '../fixtures/gate-folder.ts';

const { at, files, gate } = useGateFolder();

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
