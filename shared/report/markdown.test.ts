import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blocks,
  bold,
  code,
  codeBlock,
  details,
  escapeHtml,
  escapeMarkdown,
  joinMarkdown,
  link,
  list,
  Markdown,
  md,
  table,
} from './markdown.ts';

const HOSTILE = '</details><img src=x onerror=alert(1)>@everyone ::error::x';

/** Text made of the very pieces that mean something to Markdown, HTML, GitHub or the runner. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'<>&|`*_[]()#@:!~$\\-+=.\'"{}\n\r\t 1a'.split(''),
        '</details>',
        '<!--',
        '-->',
        '@octocat',
        '#12',
        'GH-7',
        'https://example.com',
        'www.example.com',
        'mailto:a@b.co',
        '::error::x',
        '##[error]',
        '```',
        '\u202e',
        '\u2028',
        '\u0000',
        '&lt;',
        '&#64;',
        '![x](y)',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

/** What a Markdown reader shows for inline text without formatting: escapes and entities taken back. */
function shown(markdown: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&' };
  return markdown.replace(/\\([!-/:-@[-`{-~])|&#(\d+);|&(lt|gt|quot|amp);/g, (_, escaped, number, name) => {
    return escaped ?? named[name] ?? String.fromCodePoint(Number(number));
  });
}

function expected(text: string): string {
  return text
    .replace(/[\r\n\t\v\f\u0085\u2028\u2029]+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]/g, '\ufffd')
    .toWellFormed()
    .trim();
}

/** Nothing in the text may be read as an instruction by Markdown, HTML, GitHub or the runner. */
function expectInert(markdown: string) {
  expect(markdown).not.toMatch(/[\r\n\u2028\u2029<>|$]/);
  expect(markdown).not.toMatch(/&(?!(amp|lt|gt|quot|#\d+);)/);
  // With every escaped character taken out, no active one is left.
  const active = markdown.replace(/\\[!-/:-@[-`{-~]/g, '');
  expect(active).not.toMatch(/[\\`*[\]~]/);
  expect(active).not.toMatch(/(^|[^A-Za-z0-9])_|_([^A-Za-z0-9]|$)/);
  expect(markdown).not.toMatch(/@[\w-]|:\/\/|www\.|::|##\[|(^|[^&])#\w|\bgh-\d|mailto:/i);
  expect(markdown).not.toMatch(/^(#(?!&#8203;)|-[\s-]|-$|=[\s=]|=$|\+\s|\+$|\d+[.)](\s|$))/);
}

describe('escapeMarkdown', () => {
  test('shows any text as it is and lets none of it act', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { text: markdown } = escapeMarkdown(text);
        expectInert(markdown);
        expect(shown(markdown).replaceAll('\u200b', '')).toBe(expected(text).replaceAll('\u200b', ''));
      }),
      { numRuns: 2000 },
    );
  });

  test('shows a hostile metric name as plain text', () => {
    expect(escapeMarkdown(HOSTILE).text).toBe(
      '&lt;/details&gt;&lt;img src=x onerror=alert(1)&gt;@&#8203;everyone &#58;&#58;error&#58;&#58;x',
    );
  });

  test('leaves ordinary names readable', () => {
    expect(escapeMarkdown('roc_auc, origin = ORD (4,200 rows)').text).toBe(
      'roc_auc, origin = ORD (4,200 rows)',
    );
    expect(escapeMarkdown('0.6479').text).toBe('0.6479');
    expect(escapeMarkdown('+0.0246 (1)').text).toBe('+0.0246 (1)');
    expect(escapeMarkdown('1. first').text).toBe('1\\. first');
    expect(escapeMarkdown('ich heiße Zoë – 100 %').text).toBe('ich heiße Zoë – 100 %');
  });
});

describe('md and its like', () => {
  test('a template escapes strings, keeps Markdown and writes numbers', () => {
    expect(md`**${'a*b'}** is ${3} of ${code('x_y')}`.text).toBe('**a\\*b** is 3 of `x_y`');
    expect(`${bold('<b>')}`).toBe('**&lt;b&gt;**');
    expect(joinMarkdown(['a', '', md`b`], ' · ').text).toBe('a · b');
    expect(list(['a\nb', md`c`]).text).toBe('- a b\n- c');
    expect(blocks('a', md`b`).text).toBe('a\n\nb');
  });

  test('a code span shows any text and ends where it should', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const span = code(text).text;
        if (span === '') return;
        const plain = /^`([^`|<>&@\n]*)`$/.exec(span);
        const entities = /^<code>([A-Za-z0-9 \-;&#\u0080-\u{10ffff}]*)<\/code>$/u.exec(span);
        expect(plain ?? entities).not.toBeNull();
        expect((plain ? plain[1]! : shown(entities![1]!)).replaceAll('\u200b', '')).toBe(
          expected(text).replaceAll('\u200b', ''),
        );
      }),
      { numRuns: 1000 },
    );
    expect(code('a`b').text).toBe('<code>a&#96;b</code>');
    expect(code('sha256:c1a2').text).toBe('`sha256:c1a2`');
    // What is copied from a report is the URI itself; an address of e-mail is not linked.
    expect(shown(/<code>(.*)<\/code>/.exec(code('sagemaker:churn@champion').text)![1]!)).toBe(
      'sagemaker:churn@champion',
    );
    expect(code('ann@example.org').text).toContain('&#64;&#8203;example');
  });

  test('a block of code cannot be left', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const block = codeBlock(text).text;
        if (block.startsWith('```')) {
          const lines = block.split('\n');
          expect(lines.filter((line) => /^\s{0,3}(`{3,}|~{3,})/.test(line))).toHaveLength(2);
          expect(lines.some((line) => /^\s*::/.test(line) || line.includes('##['))).toBe(false);
        } else {
          expect(block).toMatch(/^<pre>[^<>\n]*<\/pre>$/);
        }
      }),
    );
  });

  test('a table has as many cells in every row, whatever stands in them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostileText, hostileText), { minLength: 1, maxLength: 4 }), (rows) => {
        const lines = table(
          ['first', 'second'],
          rows.map(([a, b]) => [a, code(b)]),
          ['left', 'right'],
        ).text.split('\n');
        expect(lines).toHaveLength(rows.length + 2);
        for (const line of lines) expect(line.match(/(?<!\\)\|/g)).toHaveLength(3);
      }),
    );
    expect(table(['a', 'b'], [['x']], ['left', 'right']).text).toBe('| a | b |\n|---|--:|\n| x |  |');
    expect(() => table(['a'], [['x', 'y']])).toThrow(RangeError);
  });

  test('a folded part keeps its title in its summary', () => {
    fc.assert(
      fc.property(hostileText, (title) => {
        const folded = details(title, md`body`).text;
        const summary = /^<details><summary>([^\n]*)<\/summary>\n\nbody\n\n<\/details>$/.exec(folded);
        expect(summary).not.toBeNull();
        expect(summary![1]).not.toMatch(/[<>"']|@\w|::|:\/\//);
      }),
    );
    expect(escapeHtml('a "b" & <c>')).toBe('a &quot;b&quot; &amp; &lt;c&gt;');
  });

  test('a link goes only to the web', () => {
    expect(link('run', 'https://example.com/a(b)').text).toBe('[run](https://example.com/a%28b%29)');
    expect(link('run', 'javascript:alert(1)').text).toBe('run');
    expect(link('a]b', 'not an address').text).toBe('a\\]b');
    fc.assert(
      fc.property(hostileText, hostileText, (text, path) => {
        const result = link(text, `https://example.com/${path}`);
        expect(result).toBeInstanceOf(Markdown);
        expect(result.text).toMatch(/^\[.*\]\([^()<>\s|`]*\)$/);
      }),
    );
  });
});
