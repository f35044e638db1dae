import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { UserError } from '../errors.ts';
import { fields } from './fields.ts';
import { commonInputs, inputName, readInputs, unknownInput } from './inputs.ts';

const schema = z.strictObject({
  ...commonInputs('fail'),
  operation: fields.choice(['register', 'promote'], { default: 'register' }),
  modelDir: fields.text({ optional: true }),
  keep: fields.integer({ default: '3' }),
});
const from = (raw: Record<string, string>) => (name: string) => raw[name];

describe('reading inputs', () => {
  test('names in action.yml are the kebab-case of the keys', () => {
    expect(inputName('modelDir')).toBe('model-dir');
    expect(readInputs(schema, from({ name: 'churn', 'model-dir': 'out' })).modelDir).toBe('out');
  });

  test('every mistake is named at once', () => {
    const read = () => readInputs(schema, from({ name: 'Not OK', keep: 'x', 'fail-on': 'maybe' }));
    expect(read).toThrow(UserError);
    expect(read).toThrow(
      /Input name is wrong[\s\S]*Input fail-on is wrong|Input fail-on is wrong[\s\S]*Input name is wrong/,
    );
    expect(read).toThrow(/Input keep is wrong: "x" is not a number/);
  });

  test('a required input that is missing says so', () => {
    expect(() => readInputs(schema, from({}))).toThrow('Input name is required and was not given.');
  });

  test('fail-on: none is an empty list', () => {
    expect(readInputs(schema, from({ name: 'a', 'fail-on': 'none' })).failOn).toEqual([]);
    expect(readInputs(schema, from({ name: 'a', 'fail-on': 'fail, warn' })).failOn).toEqual(['fail', 'warn']);
  });

  test('an input that is foreign to the operation is an error; its default is not', () => {
    const operations = { register: ['modelDir', 'keep'], promote: [] };
    const raw = { name: 'a', operation: 'promote', keep: '3' };
    expect(readInputs(schema, from(raw), operations).operation).toBe('promote');
    expect(() => readInputs(schema, from({ ...raw, 'model-dir': 'x' }), operations)).toThrow(
      'Input model-dir has no meaning with operation: promote.',
    );
    expect(() => readInputs(schema, from({ ...raw, keep: '4' }), operations)).toThrow(/Input keep/);
  });

  test('an unknown name is told its nearest neighbour', () => {
    expect(unknownInput(schema, 'model-dri').fix).toBe('Did you mean "model-dir"?');
  });
});
