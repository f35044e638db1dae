import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { code, codeBlock, details, escapeMarkdown, md, table, trustedMarkdown } from '../report/markdown.ts';
import { renderSection } from '../report/section.ts';
import { gateSection, HOSTILE_TEXT, sampleSection } from '../testing/sample-sections.ts';
import { isContained, readSectionData, writeSectionData } from './section-data.ts';

describe('a section as hidden text', () => {
  test('comes back as it was', () => {
    const section = gateSection(HOSTILE_TEXT);
    const text = writeSectionData(section, 65_535);
    expect(text).toMatch(/^<!-- mlops-actions:section \{[^<>]*\} -->$/);
    expect(text.slice(4, -3)).not.toContain('--');
    const [back] = readSectionData(`before ${text} after`, 'flight-delays');
    expect(renderSection(back!)).toBe(renderSection(section));
    expect(readSectionData(text, 'another-model')).toEqual([]);
  });

  test('any text comes back, and none ends the comment early', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const section = sampleSection({ action: 'drift-check', heading: text, footer: [text] });
        const written = writeSectionData(section, 65_535);
        expect(written.match(/-->/g)).toHaveLength(1);
        const [back] = readSectionData(written, 'flight-delays');
        expect(back!.heading).toBe(text);
        expect(back!.footer.map(String)).toEqual([escapeMarkdown(text).text]);
      }),
    );
  });

  test('is cut to its limit from the last part backwards', () => {
    const parts = Array.from({ length: 5 }, (_, part) => ({
      title: `part ${part}`,
      body: md`${'x'.repeat(20_000)}`,
    }));
    const section = sampleSection({ action: 'drift-check', details: parts });
    const text = writeSectionData(section, 65_535);
    expect(text.length).toBeLessThanOrEqual(65_535);
    expect(readSectionData(text, 'flight-delays')[0]!.details.map((part) => part.title)).toEqual([
      'part 0',
      'part 1',
      'part 2',
    ]);
  });

  test('what is malformed is passed over and what would break out is not shown', () => {
    const good = writeSectionData(gateSection(), 65_535);
    const forged = (changes: object) =>
      good.replace(/\{.*\}/, (json) =>
        JSON.stringify({ ...JSON.parse(json), ...changes }).replace(
          /[<>-]/g,
          (c) => `\\u00${c.charCodeAt(0).toString(16)}`,
        ),
      );
    expect(readSectionData('<!-- mlops-actions:section {"a":1} -->', 'flight-delays')).toEqual([]);
    expect(readSectionData('<!-- mlops-actions:section {broken} -->', 'flight-delays')).toEqual([]);
    expect(readSectionData(forged({ action: 'other' }), 'flight-delays')).toEqual([]);
    expect(readSectionData(forged({ extra: 1 }), 'flight-delays')).toEqual([]);
    const [escaping] = readSectionData(
      forged({ summary: '</details><img src=x>@everyone' }),
      'flight-delays',
    );
    expect(renderSection(escaping!)).not.toMatch(/<img|@everyone/);
    expect(renderSection(escaping!)).toContain('(not shown: it is damaged)');
  });
});

describe('isContained', () => {
  test('takes everything that reports are made of', () => {
    const hostile = fc.string({ unit: fc.constantFrom(...'<>/a@&`|:#~\n img='.split('')), maxLength: 40 });
    fc.assert(
      fc.property(hostile, (text) => {
        expect(isContained(details(text, table([text], [[code(text)]])).text)).toBe(true);
        expect(isContained(codeBlock(text).text)).toBe(true);
        expect(isContained(md`a < ${text} and ${code(text)}`.text)).toBe(true);
      }),
    );
  });

  test('refuses what opens or closes something of its surroundings', () => {
    for (const text of [
      '</details>',
      '<details>',
      '<img src=x>',
      '<!-- x',
      'hi @octocat',
      '```\nopen',
      '<a href="x">',
      '<sub></details></sub>',
    ]) {
      expect(isContained(trustedMarkdown(text).text), text).toBe(false);
    }
  });
});
