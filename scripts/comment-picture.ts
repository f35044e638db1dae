/**
 * `npm run picture [-- COMMENT.md [PICTURE.png]]`: the picture of a real comment in the README. By hand, after
 * `npm run demo`: it shows the comment that the demo would have posted, in the look of GitHub's light theme. It needs
 * Chromium, and Python with cmarkgfm (GitHub's own Markdown parser), which `npm test` installs.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './bundle.ts';
import { findChromium } from './chromium.ts';

const WIDTH = 900;
/** A README is read over slow lines too. */
const MOST_BYTES = 250_000;

const [markdownPath, picturePath] = process.argv.slice(2);
const source = resolve(markdownPath ?? join(root, 'mlops-demo/github/comment-on-pull-request-1.md'));
const picture = resolve(picturePath ?? join(root, 'docs/comment.png'));

const STYLE = `
body{margin:0;padding:16px;width:${WIDTH - 32}px;background:#fff;color:#1f2328;overflow:hidden}
.comment{border:1px solid #d1d9e0;border-radius:6px}
.author{padding:8px 16px;background:#f6f8fa;border-bottom:1px solid #d1d9e0;border-radius:6px 6px 0 0;color:#59636e}
.author b{color:#1f2328}
.bot{border:1px solid #d1d9e0;border-radius:2em;padding:0 7px;font-size:12px;margin-left:4px}
.body{padding:16px}
body,table{font:14px/1.5 -apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans",Helvetica,Arial,"Noto Color Emoji",sans-serif}
h3{font-size:1.25em;line-height:1.25;margin:0 0 16px}
h4{font-size:1em;line-height:1.25;margin:24px 0 16px}
p,ul,pre,table,details{margin:0 0 16px}
details>*:last-child,.body>*:last-child{margin-bottom:0}
table{border-collapse:collapse;display:block;width:max-content;max-width:100%}
th,td{padding:6px 13px;border:1px solid #d1d9e0}
tr:nth-child(2n) td{background:#f6f8fa}
code,pre{font:85%/1.45 ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
code{background:#818b981f;border-radius:6px;padding:.2em .4em;white-space:break-spaces}
pre{background:#f6f8fa;border-radius:6px;padding:16px}
pre code{background:none;padding:0;font-size:100%}
sub{font-size:75%;line-height:0;color:inherit;position:relative;bottom:-.25em}
`;

/** The Python that `npm test` has installed GitHub's Markdown parser into. */
function findPython(): string {
  if (process.env.MLOPS_TEST_PYTHON) return process.env.MLOPS_TEST_PYTHON;
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const complete = globSync(join(cache, 'mlops-actions/test-peers/oracles-*/.complete'))
    .map((marker) => ({ folder: dirname(marker), made: statSync(marker).mtimeMs }))
    .sort((a, b) => b.made - a.made);
  if (!complete[0]) throw new Error('cmarkgfm is not installed: run `npm test` once');
  return join(complete[0].folder, 'bin/python');
}

function toHtml(markdown: string): string {
  const program =
    'import sys, cmarkgfm; print(cmarkgfm.github_flavored_markdown_to_html(sys.stdin.read(), cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE))';
  const body = execFileSync(findPython(), ['-c', program], { input: markdown, encoding: 'utf8' });
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>
<div class="comment"><div class="author"><b>github-actions</b><span class="bot">bot</span> commented</div>
<div class="body">${body}</div></div>
<script>document.title = 'height ' + Math.ceil(document.documentElement.getBoundingClientRect().height)</script>`;
}

/** Runs Chromium, or the browser of its kind that CHROMIUM names, with a profile of its own and telling nobody. */
function chromium(folder: string, ...words: string[]): string {
  const quiet = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--hide-scrollbars',
    `--user-data-dir=${join(folder, 'profile')}`,
  ];
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
  const browser = findChromium();
  if (!browser) throw new Error('there is no Chromium: install it, or name one by CHROMIUM');
  return execFileSync(browser, [...quiet, ...words], { stdio, encoding: 'utf8' });
}

if (!existsSync(source)) throw new Error(`${source} is not there: run \`npm run demo\` first`);
const folder = mkdtempSync(join(tmpdir(), 'comment-picture-'));
try {
  const page = join(folder, 'comment.html');
  writeFileSync(page, toHtml(readFileSync(source, 'utf8')));
  const address = pathToFileURL(page).href;
  const dom = chromium(folder, `--window-size=${WIDTH},800`, '--dump-dom', address);
  const height = /<title>height (\d+)/.exec(dom)?.[1];
  if (!height) throw new Error('Chromium did not say how high the comment is');
  chromium(folder, `--window-size=${WIDTH},${height}`, `--screenshot=${picture}`, address);
  const { size } = statSync(picture);
  console.log(`${picture}: ${WIDTH} × ${height}, ${Math.ceil(size / 1000)} kB`);
  if (size > MOST_BYTES) throw new Error(`the picture is larger than ${MOST_BYTES / 1000} kB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
