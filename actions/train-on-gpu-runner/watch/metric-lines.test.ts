import { describe, expect, test } from 'vitest';
import { readMetricDefinitions } from './metric-definitions.ts';
import { metricsOfLine } from './metric-lines.ts';

describe('metrics of a line of JSON', () => {
  test.each([
    ['{"step": 3, "loss": 0.5, "name": "a", "done": true}', { step: 3, values: { loss: 0.5 } }],
    ['  {"epoch": 2, "val_loss": 1e-3} ', { step: 2, values: { val_loss: 0.001 } }],
    ['{"epoch": 2, "step": 7, "loss": 1}', { step: 7, epoch: 2, values: { loss: 1 } }],
    [
      '{"step": 1, "loss": NaN, "norm": Infinity, "low": -Infinity}',
      {
        step: 1,
        values: { loss: Number.NaN, norm: Number.POSITIVE_INFINITY, low: Number.NEGATIVE_INFINITY },
      },
    ],
    ['{"step": 1, "loss": 2, "text": "{NaN [x]"}', { step: 1, values: { loss: 2 } }],
  ])('%s', (line, expected) => {
    expect(metricsOfLine(line)).toEqual(expected);
  });

  test.each([
    '{"loss": 0.5}',
    '{"step": "3", "loss": 0.5}',
    '{"step": NaN, "loss": 0.5}',
    '{"step": 3}',
    '{"step": 3, "nested": {"loss": 1}}',
    '{"step": 3, "losses": [1, 2], "loss": 1}',
    '{"step": 3, "loss": 0.5',
    '{"step": 3, "__proto__": 1}',
    'step 3 loss 0.5',
    `{"step": 1, "loss": 2, "text": "${'x'.repeat(3000)}"}`,
  ])('none in %s', (line) => {
    expect(metricsOfLine(line)).toBeUndefined();
  });
});

const defined = async (yaml: string) => (await readMetricDefinitions(yaml)).definitions;

describe('metrics by definition', () => {
  test('finds numbers as programs print them, and the step', async () => {
    const definitions = await defined(
      [
        "- {Name: loss, Regex: 'loss=(\\S+)'}",
        "- {Name: step, Regex: 'it (\\d[\\d,]*)'}",
        "- {Name: acc, Regex: 'acc: (?P<x>.*?)%'}",
      ].join('\n'),
    );
    expect(metricsOfLine('it 1,200 loss=2.5e-3 acc: 91.5%', definitions)).toEqual({
      step: 1200,
      values: { loss: 0.0025, acc: 91.5 },
    });
    expect(metricsOfLine('loss=-inf', definitions)).toEqual({
      step: null,
      values: { loss: Number.NEGATIVE_INFINITY },
    });
    expect(metricsOfLine('loss=nan', definitions)).toEqual({ step: null, values: { loss: Number.NaN } });
    expect(metricsOfLine('loss=none', definitions)).toBeUndefined();
    expect(metricsOfLine('it 5', definitions)).toBeUndefined();
  });

  test('an expression that goes back without end does not hang', async () => {
    const definitions = await defined("- {Name: loss, Regex: '((?:a+)+)b'}");
    expect(metricsOfLine('a'.repeat(2_000), definitions)).toBeUndefined();
  });

  test.each([
    ['not a list', 'Name: loss', /The document/],
    ['an unknown word', '- {Name: loss, Regexp: "(x)"}', /Unknown key "Regexp"/],
    ['a broken expression', '- {Name: loss, Regex: "("}', /expression of the metric "loss"/],
    ['no group', '- {Name: loss, Regex: "loss=.*"}', /no group/],
    ['a name twice', '- {Name: a, Regex: "(x)"}\n- {Name: a, Regex: "(y)"}', /defined twice/],
    ['lookahead', '- {Name: a, Regex: "(?=x)(y)"}', /take so long/],
    ['a backreference', '- {Name: a, Regex: "(a+)\\\\1"}', /take so long/],
    [
      'too many',
      Array.from({ length: 41 }, (_, i) => `- {Name: m${i}, Regex: "(x)"}`).join('\n'),
      /at most 40/,
    ],
  ])('refuses %s', async (_what, yaml, message) => {
    await expect(readMetricDefinitions(yaml)).rejects.toThrow(message);
  });
});
