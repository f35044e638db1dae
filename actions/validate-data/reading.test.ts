/** What the data are read from, and what is told of it: addresses in every place that names data, and notes. */
import { afterAll, describe, expect, test } from 'vitest';
import { writeRecordText } from '../../shared/records/text.ts';
import { renderSection } from '../../shared/report/section.ts';
import { startLoopbackServer } from '../../shared/testing/loopback-server.ts';
import { sampleProfile, sampleValidation } from '../../shared/testing/sample-records.ts';
import { testKit } from './judge.test-kit.ts';
import { report } from './report.ts';

const kit = testKit();
afterAll(() => kit.remove());

const COUNTRIES = 'code\nch\nde\n';
const TEXTS: Record<string, string> = {
  '/countries.csv': COUNTRIES,
  '/rows.json': JSON.stringify([{ code: 'ch' }, { code: 'de' }]),
  '/profile.json': writeRecordText(sampleProfile()),
  '/validation.json': writeRecordText(sampleValidation()),
};

async function withServer<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
  const server = await startLoopbackServer((request, response) => {
    const text = TEXTS[request.url!.split('?')[0]!];
    response
      .writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' })
      .end(text);
  });
  try {
    return await work(server.url);
  } finally {
    await server.close();
  }
}

describe('an address', () => {
  test('may be what a rule compares with', () =>
    withServer(async (url) => {
      const properties = (name: string) =>
        `- name: code\n  quality: [{ type: custom, engine: mlops-actions, implementation: { foreignKey: { data: "${url}/${name}", references: [code] } } }]`;
      const csv = 'code\nch\nxx\n';
      const { broken, record } = await kit.judge({
        csv,
        properties: properties('countries.csv?signature=secret'),
      });
      expect(broken).toMatchObject([{ failing: 1, examples: ['row 2: code = xx'] }]);
      expect(record.inputs.at(-1)).toMatchObject({ role: 'compared', name: `${url}/countries.csv` });
      await expect(kit.judge({ csv, properties: properties('none.csv') })).rejects.toMatchObject({
        message: expect.stringContaining('none.csv'),
        where: { line: expect.any(Number) },
      });
    }));

  test('that ends in .json is rows, or a profile, by what it holds', () =>
    withServer(async (url) => {
      const compared = async (path: string) =>
        (await kit.judge({ csv: COUNTRIES, reference: [`${url}${path}`] })).record;
      const rows = await compared('/rows.json');
      expect(rows.checks.map(({ verdict }) => verdict)).not.toContain('warn');
      const profile = await compared('/profile.json');
      expect(profile.checks[0]!.observed).toBe('2 rows against 50823');
      expect(profile.inputs.at(-1)).toMatchObject({
        role: 'reference',
        digest: sampleProfile().subject.digest,
      });
      await expect(compared('/validation.json')).rejects.toThrow('is a DataValidation');
    }));
});

test('what was found out stands in record and report, in bounds', async () => {
  const reference = [kit.file('reference.csv', `a;b\n${'1,5;2\n'.repeat(20)}`)];
  const data = [];
  for (const index of Array.from({ length: 3 }).keys())
    data.push(kit.file(`utf16-${index}.csv`, Buffer.from(`\ufeffa,b\n1.5,2\n`, 'utf16le')));
  const { record } = await kit.judge({ data, reference });
  expect(record.notes).toEqual([
    'Read as utf-16le.',
    expect.stringMatching(/^reference: Numbers were found .* decimal commas/),
  ]);
  const again = await kit.judge({ data, reference });
  expect(again.record.notes).toEqual(record.notes);
  const shown = renderSection(report({ ...record, notes: ['<b>& [x](y)'] }));
  expect(shown).toContain('How the data were read · 1');
  expect(shown).not.toContain('<b>');
});
