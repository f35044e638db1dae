import { expect, test } from 'vitest';
import { AllowList } from './allow.ts';
import { CollectedFindings } from './collected-findings.ts';

const place = (file: string) => ({ file, members: [] });
const digest = () => Promise.resolve('0'.repeat(64));

test('thousands of one file hide no finding of another, and all are counted', () => {
  const findings = new CollectedFindings();
  for (let index = 0; index < 5_000; index++)
    findings.add(place('a.zip'), { rule: 'archive-hidden', offset: index, what: `Hidden ${index}.` });
  findings.add(place('z.pkl'), { rule: 'pickle-broken', offset: 0, what: 'Broken.' });
  findings.add(place('a.zip'), { rule: 'secret', offset: 0, what: 'A key.' });
  const { counts, findings: told } = findings.result();
  expect(counts).toEqual({ error: 5_001, warning: 1, note: 0 });
  expect(told).toHaveLength(52);
  expect(told.slice(0, 3).map(({ what }) => what)).toEqual(['Hidden 0.', 'Broken.', 'Hidden 1.']);
  expect(told.at(-1)!.what).toBe('A key.');
});

test('no more than a thousand are told', () => {
  const findings = new CollectedFindings();
  for (let index = 0; index < 3_000; index++)
    findings.add(place(`${index}.pkl`), { rule: 'pickle-broken', offset: 0, what: 'Broken.' });
  expect(findings.result()).toMatchObject({ counts: { error: 3_000 }, findings: { length: 1_000 } });
});

test('to allow a class does not allow what stands beside it, nor the same name in a file of another digest', async () => {
  const findings = new CollectedFindings();
  const entry = { name: 'team.Encoder', sha256: '0'.repeat(64), reason: 'ours', expires: '2026-01-31' };
  const allow = new AllowList([entry], new Date('2026-01-01'));
  const add = (file: string, name: string) =>
    findings.add(place(file), { rule: 'pickle-import', offset: 0, what: `\`${name}\` is imported.`, name });
  add('a.pkl', 'team.Encoder');
  add('a.pkl', 'os.system');
  add('a.pkl', 'team.Encoder.evil');
  await findings.settle(allow, digest);
  add('b.pkl', 'team.Encoder');
  await findings.settle(allow, () => Promise.resolve('1'.repeat(64)));
  const { counts, findings: told } = findings.result();
  expect(counts.error).toBe(3);
  expect(told.filter(({ allowed }) => allowed !== null).map(({ file, what }) => `${file} ${what}`)).toEqual([
    'a.pkl `team.Encoder` is imported.',
  ]);
  expect(allow.remarks()).toEqual([]);
});
