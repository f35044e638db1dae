import { describe, expect, test } from 'vitest';
import { type Evaluation, evaluationSchema } from '../../shared/records/evaluation.ts';
import { renderSection } from '../../shared/report/section.ts';
import { sampleEvaluation } from '../../shared/testing/sample-records.ts';
import { headingOf, report } from './report.ts';

const [first, ...rest] = sampleEvaluation().metrics;
const sample = (changes: Partial<Evaluation> = {}): Evaluation =>
  evaluationSchema.parse({ ...sampleEvaluation(), ...changes });
const golden = (name: string, record: Evaluation) =>
  expect(renderSection(report(record))).toMatchFileSnapshot(`./${name}.golden.md`);

describe('the report', () => {
  test('better', () => golden('better', sample()));

  test('worse', () =>
    golden(
      'worse',
      sample({
        verdict: 'fail',
        reason: 'roc_auc is worse: −0.031 [−0.040, −0.022], and the policy asks for ≥ −0.002.',
        metrics: [
          {
            ...first!,
            champion: 0.6479,
            challenger: 0.6169,
            difference: -0.031,
            interval: [-0.04, -0.022],
            limits: first!.limits.map((limit) => ({ ...limit, verdict: 'fail' })),
            verdict: 'fail',
            word: 'worse',
          },
          ...rest,
        ],
      }),
    ));

  test('no baseline', () =>
    golden(
      'no-baseline',
      sample({
        verdict: 'warn',
        reason: 'No baseline (none is named): judged by its own limits only.',
        baseline: { status: 'missing', from: null, digest: null, why: 'none is named' },
        metrics: sampleEvaluation().metrics.map((metric) => ({
          ...metric,
          champion: null,
          difference: null,
          interval: null,
          challengerInterval: [0.66, 0.68] as [number, number],
          verdict: 'not_judged' as const,
          word: 'no baseline',
          why: 'there is no baseline to compare with',
        })),
        slices: [],
      }),
    ));

  test('hostile names are plain text', async () => {
    const hostile = '</details><img src=x onerror=alert(1)>@everyone ::error::x | `a`';
    const record = sample({
      metrics: [{ ...first!, name: hostile, why: hostile }],
      slices: [{ ...first!, slice: { [hostile]: hostile } }],
      notes: [hostile],
    });
    const markdown = renderSection(report(record));
    expect(markdown).not.toContain('<img');
    expect(markdown).not.toMatch(/@everyone/);
    expect(markdown).not.toContain('::error::');
    await golden('hostile', record);
  });

  test.each<[string, Partial<Evaluation>, string]>([
    ['no policy', { policy: null, verdict: 'inconclusive' }, 'not judged, there is no policy'],
    [
      'cannot tell',
      {
        verdict: 'inconclusive',
        slices: [],
        metrics: [{ ...first!, word: 'cannot tell', verdict: 'inconclusive' }],
      },
      'cannot tell yet',
    ],
    [
      'a jump',
      { verdict: 'fail', slices: [], metrics: [{ ...first!, word: 'suspiciously better', verdict: 'fail' }] },
      'suspiciously better than the champion, check for leakage',
    ],
    [
      'own limits',
      { verdict: 'fail', slices: [], metrics: [{ ...first!, word: 'outside its limit', verdict: 'fail' }] },
      'outside its own limits',
    ],
    [
      'only bounds',
      { verdict: 'pass', slices: [], metrics: [{ ...first!, word: 'within its limit', verdict: 'pass' }] },
      'within its own limits, safe to merge',
    ],
    [
      'missing',
      { verdict: 'fail', slices: [], metrics: [{ ...first!, word: 'missing', verdict: 'missing' }] },
      'could not be judged as the policy asks',
    ],
  ])('heading: %s', (_name, changes, heading) => {
    expect(headingOf(sample(changes))).toBe(heading);
  });
});
