import { expect, test } from 'vitest';
import { type Evaluation, evaluationSchema, type MetricResult } from '../../../shared/records/evaluation.ts';
import { sampleEvaluation, sampleMetric } from '../../../shared/testing/sample-evaluation.ts';
import { sampleCalibration, sampleWaived } from '../../../shared/testing/sample-evaluation-variants.ts';
import { headingOf } from './heading.ts';

const [first] = sampleEvaluation().metrics;
const sample = (changes: Partial<Evaluation> = {}): Evaluation =>
  evaluationSchema.parse({ ...sampleEvaluation(), ...changes });
const worse: MetricResult = { ...first!, verdict: 'fail', word: 'worse' };

const part = (changes: Partial<MetricResult>): Pick<Evaluation, 'metrics' | 'slices'> => ({
  slices: [],
  metrics: [{ ...first!, ...changes }],
});
const block = (name: MetricResult['block'], verdict: MetricResult['verdict']) => ({
  slices: [],
  metrics: [
    first!,
    sampleMetric({
      name: 'x',
      block: name,
      verdict,
      word: verdict === 'pass' ? 'within its limit' : 'outside its limit',
    }),
  ],
});

test.each<[string, Partial<Evaluation>, string]>([
  ['no policy', { policy: null, verdict: 'inconclusive' }, 'not judged, there is no policy'],
  [
    'cannot tell',
    { verdict: 'inconclusive', ...part({ word: 'cannot tell', verdict: 'inconclusive' }) },
    'cannot tell yet',
  ],
  [
    'no number',
    { verdict: 'inconclusive', ...part({ word: 'missing', verdict: 'missing' }) },
    'could not be judged',
  ],
  ['worse', { verdict: 'fail', ...part({ word: 'worse', verdict: 'fail' }) }, 'worse than the champion'],
  [
    'a jump',
    { verdict: 'fail', ...part({ word: 'suspiciously better', verdict: 'fail' }) },
    'suspiciously better than the champion, check for leakage',
  ],
  [
    'own limits',
    { verdict: 'fail', ...part({ word: 'outside its limit', verdict: 'fail' }) },
    'outside its own limits',
  ],
  [
    'NaN',
    { verdict: 'fail', ...part({ word: 'not a number', verdict: 'fail' }) },
    'not a number where the policy asks for one',
  ],
  [
    'only bounds',
    { verdict: 'pass', ...part({ word: 'within its limit' }) },
    'within its own limits, safe to merge',
  ],
  [
    'not worse',
    { verdict: 'pass', ...part({ word: 'not worse' }) },
    'not worse than the champion, safe to merge',
  ],
  [
    'missing',
    { verdict: 'fail', ...part({ word: 'missing', verdict: 'missing' }) },
    'could not be judged as the policy asks',
  ],
  [
    'leakage',
    { verdict: 'fail', ...block('leakage', 'fail') },
    'better than the champion, but judged on rows it was trained on',
  ],
  [
    'slow',
    { verdict: 'warn', ...block('latency', 'warn') },
    'better than the champion, but slower or less reliable than the policy allows, with a warning',
  ],
  [
    'unfair',
    { verdict: 'fail', ...block('fairness', 'fail') },
    'better than the champion, but less fair than the policy allows',
  ],
  [
    'worse and slow',
    { verdict: 'fail', slices: [], metrics: [worse, ...block('latency', 'fail').metrics] },
    'worse than the champion, and slower or less reliable than the policy allows',
  ],
  ['waived', sampleWaived(), 'worse than the champion, waived until 31 Dec 2026'],
  ['calibration', sampleCalibration(), 'this policy would fail an equal model in 2.1 % of 1,000 swaps'],
])('heading: %s', (_name, changes, heading) => {
  expect(headingOf(sample(changes))).toBe(heading);
});
