/** Every relative link and picture in the Markdown of the repository leads somewhere. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../scripts/bundle.ts';

/** Markdown that is committed or about to be. What the reports write is kept in fixtures and links to nothing here. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));

/** Targets of links, pictures and reference definitions, outside of code. */
function targets(markdown: string): string[] {
  const text = markdown.replace(/^(`{3,}|~{3,})[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, 'code');
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const references = [...text.matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/gm)];
  const tags = [...text.matchAll(/\s(?:src|href)="([^"]+)"/g)];
  return [...inline, ...references, ...tags].map(([, target]) => target!);
}

/** GitHub's anchor of a heading. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

async function broken(file: string, markdown: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const target of targets(markdown)) {
    if (/^[a-z][a-z+.-]*:/i.test(target)) continue;
    const [path = '', fragment] = target.split('#', 2);
    const aim = path === '' ? join(root, file) : join(root, dirname(file), decodeURIComponent(path));
    if (!existsSync(aim)) wrong.push(target);
    else if (fragment && (path === '' || aim.endsWith('.md'))) {
      const there = path === '' ? markdown : await readFile(aim, 'utf8');
      if (!anchors(there).includes(fragment)) wrong.push(target);
    }
  }
  return wrong;
}

test('the Markdown of the repository is looked at', () => {
  expect(files).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md', 'CONTRIBUTING.md']));
});

describe.each(files)('%s', (file) => {
  test('has no broken relative link', async () => {
    expect(await broken(file, await readFile(join(root, file), 'utf8'))).toEqual([]);
  });
});

test('a missing file, a missing picture and a missing heading are found', async () => {
  const markdown =
    '# A title\n\n[a](nowhere.md) ![b](docs/nowhere.png) [c](#nothing) [d](#a-title) [e](LICENSE) `[f](code.md)`\n';
  expect(await broken('README.md', markdown)).toEqual(['nowhere.md', 'docs/nowhere.png', '#nothing']);
});
