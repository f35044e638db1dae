/** Escaped text against GitHub's own Markdown parser: whatever the text, it makes no tag, no link and no formatting. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  code,
  codeBlock,
  details,
  escapeMarkdown,
  type Markdown,
  md,
  table,
} from '../../shared/report/markdown.ts';

const python = process.env.MLOPS_TEST_PYTHON;
const script = fileURLToPath(new URL('cmark_oracle.py', import.meta.url));

interface Seen {
  tags: [name: string, attributes: string[]][];
  text: string;
}

function ask(markdown: string[]): Seen[] {
  const result = spawnSync(python!, [script], {
    input: JSON.stringify(markdown),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout);
}

const isThere = python !== undefined && spawnSync(python, ['-c', 'import cmarkgfm']).status === 0;

if (!isThere && process.env.CI === 'true') {
  test('the parser is there', () => expect.fail('MLOPS_TEST_PYTHON names no interpreter with cmarkgfm'));
}

const piece = fc.constantFrom(
  ...'<>&|`*_[]()#@:!~$\\-+=.\'"{}\n\r\t 1a'.split(''),
  '</details>',
  '<!--',
  '-->',
  '@octocat',
  '#12',
  'https://example.com',
  'ftp://example.com',
  'www.example.com',
  'mailto:a@b.co',
  'a@b.co',
  '::error::x',
  '```',
  '&lt;',
  '![x](y)',
);
const texts = fc.sample(
  fc.array(fc.oneof({ weight: 4, arbitrary: piece }, { weight: 1, arbitrary: fc.string({ maxLength: 3 }) }), {
    maxLength: 25,
  }),
  { seed: 20_010_122, numRuns: 3000 },
);

const KINDS: [name: string, write: (text: string) => Markdown, tags: string[]][] = [
  ['plain text', escapeMarkdown, ['p']],
  ['a code span', code, ['p', 'code']],
  ['a block of code', (text) => codeBlock(text), ['pre', 'code']],
  [
    'table cells',
    (text) => table(['a', 'b'], [[text, code(text)]]),
    ['table', 'thead', 'tbody', 'tr', 'th', 'td', 'code'],
  ],
  ['a folded part', (text) => details(text, md`seen: ${text}`), ['details', 'summary', 'p']],
];

describe.skipIf(!isThere)(
  'in the eyes of cmark-gfm (set MLOPS_TEST_PYTHON to an interpreter with cmarkgfm)',
  () => {
    test.each(KINDS)('%s holds any text', (_, write, allowed) => {
      const written = texts.map((parts) => write(parts.join('')).text);
      ask(written).forEach((seen, index) => {
        const strange = seen.tags.filter(([tag, names]) => !allowed.includes(tag) || names.length > 0);
        expect(strange, written[index]).toEqual([]);
      });
    });

    test('plain text is shown as it is', () => {
      const lines = texts.map((parts) => parts.join('').replace(/\s+/g, ' ').trim());
      const seen = ask(lines.map((line) => escapeMarkdown(line).text));
      lines.forEach((line, index) => {
        // Control characters are replaced by a sign, and zero-width spaces keep GitHub from linking.
        const expected = line.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd').trim();
        expect(seen[index]!.text.replaceAll('\u200b', '').trim()).toBe(expected);
      });
    });
  },
);
