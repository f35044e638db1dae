import { expect, test } from 'vitest';
import type { AppliedScan } from '../records/model-scan.ts';
import { parsePage } from '../testing/parse-page.ts';
import { sampleVersion } from '../testing/sample-records.ts';
import { sampleScan } from '../testing/sample-scan.ts';
import { HOSTILE_TEXT } from '../testing/sample-sections.ts';
import { details } from './markdown.ts';
import { renderPage } from './page.ts';
import { safeFormats } from './safe-formats.ts';
import { scanOutcome, scanParts } from './scan.ts';

const markdown = (scan: AppliedScan): string => {
  const { summary, details: folded } = scanParts(scan);
  return [String(summary), ...folded.map(({ title, body }) => details(title, body).text)].join('\n');
};

/** As many findings as an archive of evil members gives. */
function many(count: number): AppliedScan {
  const scan = sampleScan();
  const [first] = scan.result!.findings;
  const findings = Array.from({ length: count }, (_, index) => ({ ...first!, members: [`m${index}`] }));
  return { ...scan, result: { ...scan.result!, counts: { error: count, warning: 0, note: 0 }, findings } };
}

test('a few findings stand openly, with why and how to mend; those let through apart with their reason', () => {
  const { summary, details: folded } = scanParts(sampleScan());
  expect(String(summary).split('\n')).toHaveLength(4);
  expect(String(summary)).toContain(
    '| `model.pt › archive › data.pkl` | 24 | data.pkl is imported and called. |',
  );
  expect(String(summary)).toContain('safetensors');
  expect(String(summary)).not.toContain('team.Encoder');
  expect(folded.map(({ title }) => title)).toEqual([
    'How to save it without code',
    'Let through by scan-allow · 1',
  ]);
  expect(String(folded[0]!.body)).toContain('skops.io.dump');
  expect(String(folded[1]!.body)).toContain('our own encoder (until 2027-01-31)');
});

test.each([
  [{ rule: 'pickle-import', members: ['archive/data.pkl'] }, ['PyTorch', 'transformers']],
  [{ rule: 'keras-code', members: ['config.json'] }, ['Keras']],
  [{ rule: 'named-code', members: [] }, ['scikit-learn', 'MLflow']],
  [{ rule: 'archive-link', members: [] }, []],
  [{ rule: 'keras-code', members: [], allowed: 'ours' }, []],
])('says how the library of %j saves without code', (parts, libraries) => {
  const scan = sampleScan();
  const findings = [{ ...scan.result!.findings[0]!, ...parts }];
  const ways = safeFormats({ ...scan, result: { ...scan.result!, findings } });
  const rows = String(ways ?? '')
    .split('\n')
    .slice(2);
  expect(rows.map((row) => row.split(' | ')[0]!.replace('| ', ''))).toEqual(libraries);
});

test('many are folded, and those beyond are counted', () => {
  const { summary, details: folded } = scanParts(many(1_000));
  expect(summary).toBe('');
  expect(folded.map(({ title }) => title)).toEqual(['Safety scan · 1,000', 'How to save it without code']);
  expect(String(folded[0]!.body)).toContain('m49');
  expect(String(folded[0]!.body)).not.toContain('m50`');
  expect(String(folded[0]!.body)).toContain('950 more are in the record and the SARIF file.');
});

test('says in a few words what became of the model', () => {
  expect(scanOutcome(sampleScan())).toBe('refused: 2 errors in 3 files, 1.8 MB');
  expect(scanOutcome(sampleScan('x', 'warn'))).toBe('2 errors in 3 files, 1.8 MB');
  expect(scanOutcome({ mode: 'off', result: null })).toBe('not scanned (scan: off)');
});

test('nothing that an attacker names breaks out of the comment', () => {
  const text = markdown(sampleScan(`${HOSTILE_TEXT}\n|x|</details>@everyone\u202e`));
  expect(text).not.toMatch(/<script|<img|<\/details>@|\u202e/);
  expect(text.match(/<\/details>/g)).toHaveLength(2);
});

test('the page shows the same, and nothing breaks out of it', async () => {
  const page = await renderPage([{ ...sampleVersion(), scan: sampleScan(HOSTILE_TEXT) }]);
  expect(page).not.toMatch(/<script|<img/i);
  const { text } = parsePage(page);
  for (const shown of [
    'Found by the safety scan',
    'Let through by scan-allow',
    'our own encoder',
    'encoder.pkl',
  ]) {
    expect(text).toContain(shown);
  }
  const folded = await renderPage([{ ...sampleVersion(), scan: many(6) }]);
  expect(folded).toContain('<details><summary>Safety scan of the files</summary>');
});
