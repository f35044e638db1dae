import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { testKit } from '../judge.test-kit.ts';
import { report } from '../report.ts';

const kit = testKit();
afterAll(() => kit.remove());
const contract = join(kit.folder, 'made', 'contract.yaml');
beforeEach(() => rmSync(contract, { force: true }));

const rows = Array.from({ length: 60 }, (_, row) => `${row},p${row}@example.org,${row % 2 ? 'red' : 'blue'}`);
const csv = `id,mail,colour\n${rows.join('\n')}\n`;

describe('suggest-contract', () => {
  test('writes a contract, and judges the data by it', async () => {
    const { record } = await kit.judge({ csv, contract, operation: 'suggest-contract' });
    expect(record.verdict).toBe('pass');
    const text = readFileSync(contract, 'utf8');
    expect(text).toContain('unique: true # 60 rows, as many values');
    expect(text).toContain('classification: confidential # its values look like personal data');
    expect(text).not.toContain('example.org');
    expect(record.suggestedRules).toBeGreaterThan(5);
    expect(report(record).heading).toBe(
      `a contract of ${record.suggestedRules} rules was suggested: ${contract}`,
    );
  });

  test('leaves a file that is there as it is', async () => {
    const there = kit.file('there.yaml', 'mine');
    const asking = kit.judge({ csv, contract: there, operation: 'suggest-contract' });
    await expect(asking).rejects.toThrow('There is a file');
    expect(readFileSync(there, 'utf8')).toBe('mine');
  });

  test('asks where the contract goes', async () => {
    await expect(kit.judge({ csv, operation: 'suggest-contract' })).rejects.toThrow(UserError);
  });
});

test('exports are written beside the records, and an unknown one is refused before the data are read', async () => {
  const junit = join(kit.folder, 'checks.xml');
  await kit.judge({ csv, properties: '- { name: id, unique: true }', export: { junit } });
  expect(readFileSync(junit, 'utf8')).toContain('<testsuites');
  const unknown = kit.judge({ csv: 'x\n', data: ['nothing.csv'], export: { junt: 'a' } });
  await expect(unknown).rejects.toThrow('There is no export "junt"');
});

test('the report offers the edit by which changed data keep their contract', async () => {
  const properties = '- { name: id, logicalType: integer, logicalTypeOptions: { maximum: 10 } }';
  const { record } = await kit.judge({ csv, properties });
  expect(record.proposedEdit).toMatchObject({ rules: 1 });
  expect(record.proposedEdit?.patch).toContain(
    '+      - { name: id, logicalType: integer, logicalTypeOptions: { maximum: 59 } }',
  );
  const shown = report(record).details.map(
    ({ title, body }) => `${title}\n${typeof body === 'string' ? body : body.text}`,
  );
  expect(shown.join('\n')).toContain('maximum: 59');
  const kept = await kit.judge({ csv, properties: '- { name: id }' });
  expect(kept.record.proposedEdit).toBeUndefined();
  expect(existsSync(contract)).toBe(false);
});
