/** Evaluations of language models by lm-eval and promptfoo, with the scores of their cases. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  findSample,
  LM_EVAL_RESULTS,
  LM_EVAL_SAMPLES,
  readSample,
  readText,
  SAMPLES,
} from '../../fixtures/metrics-samples.ts';

describe('lm-eval', () => {
  test('values with their errors, directions and how they were asked', async () => {
    const { numbers } = await readSample(LM_EVAL_RESULTS);
    expect([...numbers.keys()]).toEqual([
      'toy_sums.acc,none',
      'toy_sums.acc_norm,none',
      'toy_words.exact_match,strict',
      'toy_words.ter,strict',
      'toy_words.exact_match,lower',
      'toy_words.ter,lower',
      'toy.acc,none',
    ]);
    expect(numbers.get('toy_sums.acc,none')).toEqual({
      value: 0.4,
      standardError: 0.055117825460955026,
      rows: 80,
      direction: 'higher',
      basis: {
        'version of the task': '1',
        'n-shot': '0',
        'hash of the task': 'fc348abf30c8c3001669889301b17eb7a70ea429d5f256fd8cde4c7d3f984344',
        'number of documents': '80',
      },
    });
    expect(numbers.get('toy_words.ter,lower')).toMatchObject({
      direction: 'lower',
      standardError: 6.015171790287176,
    });
    // Only one of the group's two tasks has this metric.
    expect(numbers.get('toy.acc,none')?.rows).toBe(80);
  });

  test('an error of "N/A" is none', async () => {
    const { numbers } = await readText(
      '{"results": {"t": {"acc,none": 0.5, "acc_stderr,none": "N/A"}}, "versions": {"t": 1}}',
    );
    expect(numbers.get('t.acc,none')).toEqual({ value: 0.5, basis: { 'version of the task': '1' } });
  });

  test('the scores of the samples have the mean that the results say', async () => {
    const results = await readSample(LM_EVAL_RESULTS);
    const samples = await readSample(LM_EVAL_SAMPLES, basename(LM_EVAL_SAMPLES));
    expect([...samples.numbers.keys()]).toEqual(['toy_sums.acc,none', 'toy_sums.acc_norm,none']);
    const { cases, value } = samples.numbers.get('toy_sums.acc,none')!;
    expect(cases!.size).toBe(80);
    expect(value).toBeCloseTo(results.values['toy_sums.acc,none']!, 12);
    const words = await readSample(
      findSample(/lm-eval.champion.samples_toy_words/),
      'samples_toy_words.jsonl',
    );
    // Of translation error rates there is no score per document.
    expect([...words.numbers.keys()]).toEqual([
      'toy_words.exact_match,strict',
      'toy_words.exact_match,lower',
    ]);
  });

  test('samples that are no samples, or given twice, are refused', async () => {
    const line = '{"doc_id": 1, "metrics": ["acc"], "acc": 1}';
    await expect(readText(`${line}\n{"doc_id": 2}`, 'm.jsonl')).rejects.toMatchObject({ where: { line: 2 } });
    await expect(readText(`${line}\n${line}`, 'm.jsonl')).rejects.toThrow(/the document 1 twice/);
  });
});

describe('promptfoo', () => {
  test('each test with its scores', async () => {
    const { numbers, notes, values } = await readSample('promptfoo/results-1.json');
    const stats = JSON.parse(readFileSync(join(SAMPLES, 'promptfoo/results-1.json'), 'utf8')).results;
    const [{ metrics }] = stats.prompts;
    expect(values.pass_rate).toBe(stats.stats.successes / 60);
    expect(values.exact).toBeCloseTo(metrics.namedScores.exact / metrics.namedScoresCount.exact, 12);
    expect(values.score).toBeCloseTo(metrics.score / 60, 12);
    expect(values.cost).toBeCloseTo(metrics.cost / 60, 12);
    expect(numbers.get('latency_ms')).toMatchObject({ direction: 'lower', rows: 60 });
    expect(notes).toEqual([]);
  });

  const test1 = {
    testIdx: 0,
    promptIdx: 0,
    provider: { id: 'a' },
    prompt: { label: 'p' },
    success: true,
    score: 1,
  };
  const results = (tests: object[], version = 3) =>
    readText(JSON.stringify({ results: { version, results: tests } }));

  test('errors are said; repetitions are cases of one cluster', async () => {
    const { numbers, notes } = await results([test1, { ...test1, success: false, failureReason: 2 }]);
    expect(notes).toEqual(['m.json: 1 of 2 tests ended in an error and count as failed']);
    const cases = [...numbers.get('pass_rate')!.cases!];
    expect(cases.map(([id, { cluster, score }]) => [id, cluster, score])).toEqual([
      ['test 0 0', 'test 0', 1],
      ['test 0 1', 'test 0', 0],
    ]);
  });

  test('several prompts or providers, and other versions, are refused', async () => {
    await expect(results([test1, { ...test1, promptIdx: 1, provider: { id: 'b' } }])).rejects.toThrow(
      /2 combinations of provider and prompt: a with "p"; b with "p"/,
    );
    await expect(results([test1], 2)).rejects.toThrow(/version 2; readable is version 3/);
  });
});
