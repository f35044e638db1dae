import { describe, expect, test } from 'vitest';
import { isContained } from '../../shared/github/section-data.ts';
import { type Evaluation, evaluationSchema, type MetricResult } from '../../shared/records/evaluation.ts';
import { renderComment } from '../../shared/report/comment.ts';
import { renderSection } from '../../shared/report/section.ts';
import { sampleEvaluation, sampleMetric } from '../../shared/testing/sample-evaluation.ts';
import { sampleCalibration, sampleWaived } from '../../shared/testing/sample-evaluation-variants.ts';
import { HOSTILE_TEXT } from '../../shared/testing/sample-sections.ts';
import { sentenceOf } from './judgement/sentence.ts';
import { report } from './report.ts';

const [first, ...rest] = sampleEvaluation().metrics;
const sample = (changes: Partial<Evaluation> = {}): Evaluation =>
  evaluationSchema.parse({ ...sampleEvaluation(), ...changes });
const golden = (name: string, record: Evaluation) =>
  expect(renderSection(report(evaluationSchema.parse(record)))).toMatchFileSnapshot(
    `./report/golden/${name}.md`,
  );

const worse: MetricResult = {
  ...first!,
  champion: 0.6479,
  challenger: 0.6169,
  difference: -0.031,
  interval: [-0.04, -0.022],
  limits: first!.limits.map((limit) => ({ ...limit, verdict: 'fail' })),
  verdict: 'fail',
  word: 'worse',
};
const worseReason = sentenceOf(worse);

describe('the report, word by word', () => {
  test('better, with every part that a record can have', () => golden('better', sample()));

  test('worse', () =>
    golden('worse', sample({ verdict: 'fail', reason: worseReason, metrics: [worse, ...rest] })));

  test('cannot tell', () =>
    golden(
      'cannot-tell',
      sample({
        verdict: 'inconclusive',
        reason: 'recall: cannot tell whether it keeps its limit: about 4,200 more rows would decide.',
        metrics: [{ ...sampleEvaluation().slices[0]!, block: 'metrics', slice: null }],
        slices: [],
      }),
    ));

  test('waived, and the policy edited', () => golden('waived', sampleWaived()));

  test('a calibration of the policy', () => golden('calibration', sampleCalibration()));

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
        waivers: [],
        curves: { champion: null, challenger: sampleEvaluation().curves!.challenger },
        confusion: { ...sampleEvaluation().confusion!, champion: null },
        fairnessGroups: sampleEvaluation().fairnessGroups.map((group) => ({ ...group, champion: null })),
      }),
    ));

  test('a ranking with many labels, metrics and slices, and little else', () =>
    golden(
      'plain',
      sample({
        task: 'ranking',
        policy: null,
        verdict: 'inconclusive',
        reason: 'There is no policy, so the numbers are reported and not judged.',
        metrics: Array.from({ length: 14 }, (_, index) =>
          sampleMetric({
            name: 'ndcg',
            parameters: { k: String(index + 1) },
            limits: [],
            verdict: 'not_judged',
            word: 'reported',
            why: 'the policy sets no limit',
          }),
        ),
        slices: [],
        curves: null,
        confusion: {
          labels: Array.from({ length: 8 }, (_, label) => `class ${label}`),
          champion: null,
          challenger: Array.from({ length: 8 }, (_, row) =>
            Array.from({ length: 8 }, (__, column) => (row === column ? 90 : (row * column) % 5)),
          ),
        },
        fairnessGroups: [],
        weakSlices: { loss: 'wrong labels', features: ['hour'], found: [] },
        thresholdSuggestion: null,
        load: null,
        attributions: null,
        waivers: [],
      }),
    ));

  test('hostile names are plain text', () => golden('hostile', sampleEvaluation(HOSTILE_TEXT)));
});

describe('hostile text', () => {
  const text = `${HOSTILE_TEXT} | \`a\` \`\`\` $x$ {{x}}\n</pre>\n# h`;
  const everywhere = sampleWaived(text);
  const records: [string, Evaluation][] = [
    ['everywhere', { ...everywhere, notes: [text], reason: text }],
    [
      'in names',
      { ...everywhere, metrics: [{ ...first!, name: text, why: text, method: text, word: text }] },
    ],
    [
      'in classes',
      {
        ...everywhere,
        confusion: {
          labels: [text, `${text}2`],
          champion: null,
          challenger: [
            [1, 2],
            [3, 4],
          ],
        },
        attributions: [{ feature: text, champion: 1, challenger: 2 }],
        thresholdSuggestion: { ...everywhere.thresholdSuggestion!, maximize: text },
      },
    ],
    ['in a calibration', sampleCalibration(text)],
    [
      'in inputs',
      { ...everywhere, inputs: [{ role: 'data', name: text, digest: everywhere.subject.digest }] },
    ],
  ];

  test.each(records)('%s is shown and does nothing', (_, record) => {
    const markdown = renderSection(report(evaluationSchema.parse(record)));
    expect(markdown).toContain('onerror');
    expect(markdown).not.toMatch(/<img/i);
    expect(markdown).not.toMatch(/@everyone/);
    expect(markdown).not.toContain('::error::');
    expect(markdown).not.toMatch(/^# h/m);
    expect(isContained(markdown)).toBe(true);
    expect(markdown.match(/<details>/g)!.length).toBe(markdown.match(/<\/details>/g)!.length);
  });
});

test('a comment that would be too long loses its last parts and keeps the first', () => {
  const comment = renderComment([report(sample())], { limit: 3000 });
  expect(comment.length).toBeLessThanOrEqual(3000);
  expect(comment).toContain('| roc_auc ↑ |');
  expect(comment).toContain('Slices · 0 of 4');
  expect(comment).not.toContain('Run it yourself');
  expect(comment).toMatch(/parts are left out here/);
  expect(renderComment([report(sample())])).not.toContain('left out here');
});
