import { describe, expect, test } from 'vitest';
import { parseOptions } from './options.ts';

describe('the words of the command line', () => {
  test('inputs are given as --name value or --name=value', () => {
    const options = parseOptions([
      'evaluate-gate',
      '--name',
      'churn',
      '--policy=gate.yaml',
      '--format',
      'json',
    ]);
    expect(options.action).toBe('evaluate-gate');
    expect([...options.inputs]).toEqual([
      ['name', 'churn'],
      ['policy', 'gate.yaml'],
    ]);
    expect(options.format).toBe('json');
  });

  test('a value may begin with a dash or hold an equals sign', () => {
    expect(parseOptions(['validate-data', '--data', '-x', '--contract=a=b']).inputs).toEqual(
      new Map([
        ['data', '-x'],
        ['contract', 'a=b'],
      ]),
    );
  });

  test.each([
    [['evaluate-gat'], /Did you mean|no action "evaluate-gat"/],
    [['evaluate-gate', '--name'], /needs a value/],
    [['evaluate-gate', '--name', 'a', '--name', 'b'], /given twice/],
    [['evaluate-gate', 'churn'], /stands alone/],
    [['evaluate-gate', '--format', 'xml'], /--format xml/],
  ])('%j is refused', (words, message) => expect(() => parseOptions(words)).toThrow(message));
});
