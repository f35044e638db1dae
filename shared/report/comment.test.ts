import { describe, expect, test } from 'vitest';
import { isContained } from '../github/section-data.ts';
import { gateSection, HOSTILE_TEXT, sampleSection } from '../testing/sample-sections.ts';
import { COMMENT_LIMIT, leadingSection, renderComment } from './comment.ts';
import { md } from './markdown.ts';
import { renderSection } from './section.ts';

const data = sampleSection({ action: 'validate-data', heading: 'the data keep their contract' });
const train = sampleSection({ action: 'train-on-gpu-runner', cell: '41 s', heading: 'trained in 41 s' });

describe('renderComment', () => {
  test('answers in its heading, shows the six steps, opens what leads and folds what is fine', () => {
    expect(
      renderComment([gateSection(), data, train]),
    ).toBe(`### flight-delays: better than the champion, safe to merge ✅

| data | train | gate | register | canary | drift |
|:-:|:-:|:-:|:-:|:-:|:-:|
| ✅ pass | ✅ 41 s | ✅ pass | – | – | – |

**ROC AUC 0.6725 against 0.6479: +0.0246**, on the same 16,758 rows.

| metric | champion | this pull request | difference, 95 % | limit | verdict |
|---|--:|--:|---|---|---|
| roc_auc ↑ | 0.6479 | **0.6725** | +0.0246 \\[+0.018, +0.031\\] | ≥ −0.002 | ✅ better |

<details><summary>Slices · 1 of 24 weaker</summary>

| slice | difference |
|---|---|
| origin = ORD | −0.01 |

</details>

<sub>policy \`gate.yaml\` · record 9f3e</sub>

<details><summary>✅ data: the data keep their contract</summary>

A sentence about \`sha256:c1a2\`.

</details>

<details><summary>✅ train: trained in 41 s</summary>

A sentence about \`sha256:c1a2\`.

</details>
`);
  });

  test('trouble leads, and of equal troubles the earlier step', () => {
    const badData = { ...data, verdict: 'fail' as const };
    const badCanary = sampleSection({ action: 'canary-deploy', verdict: 'fail', heading: 'rolled back' });
    const unsure = sampleSection({ action: 'drift-check', verdict: 'inconclusive' });
    expect(leadingSection([badCanary, gateSection(), unsure, badData])?.action).toBe('validate-data');
    expect(leadingSection([gateSection(), unsure])?.action).toBe('drift-check');
    expect(leadingSection([data, gateSection(), train])?.action).toBe('evaluate-gate');
    const comment = renderComment([badData, gateSection(), badCanary]);
    expect(comment).toContain('### flight-delays: the data keep their contract ❌');
    expect(comment).toContain('#### canary: rolled back ❌');
  });

  test('the order in which sections come does not matter, and the last of an action counts', () => {
    expect(renderComment([train, gateSection(), data])).toBe(renderComment([data, train, gateSection()]));
    expect(renderComment([{ ...data, heading: 'old' }, data])).toBe(renderComment([data]));
    expect(() => renderComment([])).toThrow(RangeError);
  });

  test('too long: folded parts go from the last section backwards, and one line says so', () => {
    const long = (action: 'validate-data' | 'drift-check') =>
      sampleSection({
        action,
        details: Array.from({ length: 3 }, (_, part) => ({
          title: `${action} part ${part}`,
          body: md`${'x'.repeat(14_000)}`,
        })),
      });
    const comment = renderComment([long('validate-data'), gateSection(), long('drift-check')], {
      reportUrl: 'https://github.com/octocat/flights/actions/runs/17',
    });
    expect(comment.length).toBeLessThanOrEqual(COMMENT_LIMIT);
    expect(comment).toContain('drift-check part 0');
    expect(comment).not.toContain('drift-check part 1');
    expect(comment).toContain('validate-data part 2');
    expect(comment).toContain(
      '2 parts are left out here, since a comment has an upper length: see [the full report](https://github.com/octocat/flights/actions/runs/17).',
    );
    expect(isContained(comment)).toBe(true);
  });

  test('even summaries and headings of any length fit, and what is left is whole', () => {
    const huge = sampleSection({
      action: 'drift-check',
      summary: md`${'y'.repeat(70_000)}`,
      heading: '@'.repeat(70_000),
    });
    const comment = renderComment([huge, { ...data, summary: md`${'z'.repeat(60_000)}` }]);
    expect(comment.length).toBeLessThanOrEqual(COMMENT_LIMIT);
    expect(isContained(comment)).toBe(true);
    expect(renderComment([huge, data], { limit: 4000 }).length).toBeLessThanOrEqual(4000);
  });

  test('a hostile name is plain text in the comment and in the section', () => {
    const hostile = {
      ...gateSection(HOSTILE_TEXT),
      heading: HOSTILE_TEXT,
      cell: HOSTILE_TEXT,
      details: [{ title: HOSTILE_TEXT, body: md`${HOSTILE_TEXT}` }],
      footer: [HOSTILE_TEXT],
    };
    for (const text of [
      renderComment([hostile, { ...data, heading: HOSTILE_TEXT }]),
      renderSection(hostile),
    ]) {
      expect(text).not.toMatch(/<img|@everyone|::error/);
      expect(text.match(/&lt;img/g)!.length).toBeGreaterThanOrEqual(4);
      expect(isContained(text)).toBe(true);
    }
  });
});
