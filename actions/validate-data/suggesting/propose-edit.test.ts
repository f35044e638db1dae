import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { contractText, testKit } from '../judge.test-kit.ts';
import { proposeEdit } from './propose-edit.ts';

const kit = testKit();
afterAll(() => kit.remove());

/** Judges, proposes, applies the patch with git, and judges again. */
async function mend(csv: string, text: string) {
  const contract = kit.file('contract.yaml', text);
  const before = await kit.judge({ csv, contract });
  const checks = before.record.checks.map((check) => ({
    ...check,
    where: check.where && { ...check.where, file: 'contract.yaml' },
  }));
  const edit = await proposeEdit({ file: 'contract.yaml', text }, checks, before.profile);
  if (!edit) return { before: before.record.verdict, edit };
  const patch = kit.file('edit.patch', edit.patch);
  execFileSync('git', ['apply', '--unsafe-paths', '--directory', kit.folder, patch], { cwd: '/' });
  const after = await kit.judge({ csv, contract });
  return { before: before.record.verdict, edit, after: after.broken, text: readFileSync(contract, 'utf8') };
}

describe('a proposed edit', () => {
  test.each<[string, string, string, string]>([
    [
      'moves a minimum',
      '- { name: x, logicalType: number, logicalTypeOptions: { minimum: 0 } }',
      'x\n-3\n5\n',
      'minimum: -3',
    ],
    [
      'moves a maximum',
      '- { name: x, logicalType: number, logicalTypeOptions: { maximum: 4 } }',
      'x\n-3\n5\n',
      'maximum: 5',
    ],
    ['allows null', '- { name: x, required: true }', 'x,y\n1,1\n,2\n', 'required: false'],
    ['allows repetition', '- { name: x, unique: true }', 'x\n1\n1\n', 'unique: false'],
    ['widens a type', '- { name: x, logicalType: integer }', 'x\n1.5\n2\n', 'logicalType: number'],
    [
      'adds a category to a list in brackets',
      '- { name: x, quality: [{ metric: invalidValues, arguments: { validValues: [red] }, mustBe: 0 }] }',
      'x\nred\nnavy blue\n',
      '[red, "navy blue"]',
    ],
    [
      'adds a category to a list in lines',
      '- name: x\n  quality:\n    - metric: invalidValues\n      mustBe: 0 # strict\n      arguments:\n        validValues:\n          - red # the first\n',
      'x\nred\nblue\n',
      '- blue',
    ],
    [
      'raises a share',
      '- { name: x, quality: [{ metric: nullValues, mustBeLessThan: 1, unit: percent }] }',
      'x,y\n1,1\n,2\n2,3\n',
      'mustBeLessOrEqualTo: 33.34',
    ],
    [
      'raises a number',
      '- { name: x, quality: [{ metric: duplicateValues, mustBe: 0 }] }',
      'x\n1\n1\n',
      'mustBeLessOrEqualTo: 1',
    ],
  ])('%s', async (_, properties, csv, expected) => {
    const { before, after, text } = await mend(csv, contractText(properties));
    expect(before).toBe('fail');
    expect(after).toEqual([]);
    expect(text).toContain(expected);
  });

  test.each([
    ['mustBeGreaterThan: 9', 'mustBeGreaterOrEqualTo: 2'],
    ['mustBeBetween: [5, 9]', 'mustBeBetween: [2, 9]'],
    ['mustBe: 3', 'mustBeGreaterOrEqualTo: 2'],
  ])('of a number of rows, %s', async (operator, expected) => {
    const { after, text } = await mend(
      'x\n1\n2\n',
      contractText('- name: x', `quality: [{ metric: rowCount, ${operator} }]`),
    );
    expect(after).toEqual([]);
    expect(text).toContain(expected);
  });

  test('leaves comments and the rest of the file as they are', async () => {
    const text = contractText(
      '# what people pay\n- name: x # in euro\n  logicalType:   number\n  logicalTypeOptions: { minimum: 0, maximum: 9 }',
    );
    const { edit, text: edited } = await mend('x\n-1\n99\n', text);
    expect(edit?.rules).toBe(2);
    expect(edited).toBe(text.replace('minimum: 0', 'minimum: -1').replace('maximum: 9', 'maximum: 99'));
  });

  test.each([
    ['a column is missing', '- name: y', 'x\n1\n'],
    [
      'a pattern is broken',
      '- { name: x, logicalType: string, logicalTypeOptions: { pattern: "^a" } }',
      'x\nb\n',
    ],
    [
      'values are masked',
      '- { name: x, classification: restricted, quality: [{ metric: invalidValues, arguments: { validValues: [red] }, mustBe: 0 }] }',
      'x\nblue\n',
    ],
  ])('is not made where %s', async (_, properties, csv) => {
    const { before, edit } = await mend(csv, contractText(properties));
    expect(before).toBe('fail');
    expect(edit).toBeUndefined();
  });
});
