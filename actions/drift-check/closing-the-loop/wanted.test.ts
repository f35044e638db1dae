import { expect, test } from 'vitest';
import { parseCoolDown, parseRetrainWorkflow } from './wanted.ts';

test('a workflow by its file name, at a branch or tag', () => {
  expect(parseRetrainWorkflow('train.yml')).toEqual({ file: 'train.yml' });
  expect(parseRetrainWorkflow('train-and-release.yaml@release/v2')).toEqual({
    file: 'train-and-release.yaml',
    ref: 'release/v2',
  });
  for (const text of [
    'train',
    '.github/workflows/train.yml',
    '../x.yml',
    'train.yml@',
    'train.yml@a b',
    'x.yml@..\\y',
    '17',
  ]) {
    expect(() => parseRetrainWorkflow(text)).toThrow(/write the name of a file in .github\/workflows/);
  }
});

test('a cool-down is a duration or nothing', () => {
  expect(parseCoolDown('12h')).toBe(43_200_000);
  expect([parseCoolDown('0'), parseCoolDown('0s')]).toEqual([0, 0]);
  for (const text of ['1', 'never', '-1h', ''])
    expect(() => parseCoolDown(text)).toThrow(/is not a duration/);
});
