import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { paramVariables, readParams } from './params.ts';

test('reads YAML, JSON and a file, and keeps the types', async () => {
  const expected = { lr: 0.1, layers: [64, 32], 'use-bias': true, note: 'a: b' };
  const yaml = 'lr: 0.1\nlayers: [64, 32]\nuse-bias: true\nnote: "a: b"';
  expect(await readParams(yaml)).toEqual(expected);
  expect(await readParams(JSON.stringify(expected))).toEqual(expected);
  const folder = mkdtempSync(join(tmpdir(), 'params-'));
  try {
    writeFileSync(join(folder, 'params.yaml'), yaml);
    expect(await readParams(join(folder, 'params.yaml'))).toEqual(expected);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  expect(await readParams(undefined)).toEqual({});
});

test('refuses what is not a map, and says when it looks like a missing file', async () => {
  await expect(readParams('[1, 2]')).rejects.toThrow('it is not a map');
  await expect(readParams('conf/params.yaml')).rejects.toThrow('there is no file conf/params.yaml');
  await expect(readParams('lr: [0.1')).rejects.toThrow('not valid YAML');
});

test('makes variables in upper snake case and refuses two of the same name', () => {
  expect(
    paramVariables({ learningRate: 0.1, 'max-depth': 3, layers: [1, 2], on: false, none: null, text: 'a b' }),
  ).toEqual({
    PARAM_LEARNING_RATE: '0.1',
    PARAM_MAX_DEPTH: '3',
    PARAM_LAYERS: '[1,2]',
    PARAM_ON: 'false',
    PARAM_NONE: '',
    PARAM_TEXT: 'a b',
  });
  expect(() => paramVariables({ 'max-depth': 1, max_depth: 2 })).toThrow('PARAM_MAX_DEPTH');
  expect(() => paramVariables({ text: 'a\0b' })).toThrow('zero byte');
});
