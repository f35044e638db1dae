import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RecordFolder } from '../../../shared/records/folder.ts';
import { recordAttachment } from '../../../shared/registries/packaged-model.ts';
import { openRegistry, parseRegistry } from '../../../shared/registries/registry.ts';
import { renderPage } from '../../../shared/report/page.ts';
import { type Kit, testKit } from '../judge.test-kit.ts';
import {
  type EarlierProfile,
  earlierProfile,
  NUMBERS,
  oneADay,
  validationOf,
  writeHistory,
} from './history.test-kit.ts';

let kit: Kit;
beforeEach(() => {
  kit = testKit();
});
afterEach(() => kit.remove());

const CSV = 'x,k\n1,1\n2,1\n3,1\n';
const own = (rule: string): string =>
  `{ type: custom, engine: mlops-actions, implementation: { history: ${rule} } }`;

/** Judges the rows of CSV by a rule on the object, or below x. */
async function judge(
  rule: string,
  runs: readonly EarlierProfile[],
  options: { of?: 'x'; csv?: string } = {},
) {
  const history = [await writeHistory(join(kit.folder, 'history'), runs)];
  const quality = `quality: [${own(rule)}]`;
  const properties = options.of ? `- { name: x, ${quality} }` : '- { name: x }';
  const found = await kit.judge({
    csv: options.csv ?? CSV,
    properties,
    rest: options.of ? '' : quality,
    history,
  });
  return { ...found, check: found.record.checks.at(-1)! };
}

const rowsOf = (...counts: number[]): EarlierProfile[] => oneADay(counts.map((rowCount) => ({ rowCount })));
const CHANGE = '{ of: rowCount, method: relativeChange, maxDecrease: 0.5, last: 9 }';

describe('earlier runs', () => {
  test('count once, and not where they are of other data or did not pass; the record names them', async () => {
    const own = (await kit.judge({ csv: CSV })).profile;
    const again = `sha256:${'a'.repeat(64)}`;
    const { check, record } = await judge(CHANGE, [
      { daysAgo: 9, rowCount: 4, digest: again },
      { daysAgo: 8, rowCount: 6, verdict: 'warn' },
      { daysAgo: 7, rowCount: 900, verdict: 'fail' },
      { daysAgo: 6, rowCount: 901, verdict: 'inconclusive' },
      { daysAgo: 5, rowCount: 902, columns: ['y', 'z'] },
      { daysAgo: 4, rowCount: 903, name: 'other-model' },
      { daysAgo: 3, rowCount: 904, digest: own.subject.digest },
    ]);
    await new RecordFolder(join(kit.folder, 'history', 'later'), 'model').write(
      earlierProfile({ daysAgo: 2, rowCount: 4, digest: again }),
    );
    const left = 'left out: 1 of another name, 2 whose data did not pass, 1 of another table';
    expect(check).toMatchObject({
      verdict: 'pass',
      observed: `3; expected 5, at least 2.5, by 2 earlier runs since 2001-01-23; ${left}`,
    });
    expect(record.inputs.at(-1)).toMatchObject({ role: 'history', name: join(kit.folder, 'history') });
  });
});

describe('what there is to compare with', () => {
  test('is nothing in a first run: not judged, with the number that is needed', async () => {
    const history = [join(kit.folder, 'none')];
    const quality = (rest = '') => `quality: [${own(`{ of: rowCount, method: threeSigma${rest} }`)}]`;
    const verdict = async (rest?: string) => {
      const { record } = await kit.judge({
        csv: CSV,
        properties: '- { name: x }',
        rest: quality(rest),
        history,
      });
      return { overall: record.verdict, check: record.checks.at(-1)! };
    };
    const first = await verdict();
    const observed = '0 earlier runs, and 7 are needed';
    expect(first).toMatchObject({ overall: 'pass', check: { verdict: 'not_judged', observed } });
    expect(await verdict(', onMissing: warn')).toMatchObject({ overall: 'warn', check: { observed } });
    expect(await verdict(', onMissing: fail, least: 30')).toMatchObject({
      overall: 'fail',
      check: { severity: 'error', observed: '0 earlier runs, and 30 are needed' },
    });
  });

  test('may be named by globs and paths', async () => {
    const folder = await writeHistory(join(kit.folder, 'history'), rowsOf(4, 5));
    const paths = await Promise.all(
      rowsOf(4, 5).map((run) => new RecordFolder(folder, 'model').pathOf(earlierProfile(run))),
    );
    for (const history of [[join(folder, '*', '*.json')], paths, [...paths, folder]]) {
      const rest = `quality: [${own(CHANGE)}]`;
      const { record } = await kit.judge({ csv: CSV, properties: '- { name: x }', rest, history });
      expect(record.checks.at(-1)!.observed).toContain('expected 4.5, at least 2.25, by 2 earlier runs');
    }
  });

  test('is refused where it is no record, another one, or damaged', async () => {
    const judged = (history: string) => kit.judge({ csv: CSV, history: [history] });
    await expect(judged(kit.file('notes.txt', ''))).rejects.toThrow('is no folder');
    await expect(judged(join(kit.folder, 'none.json'))).rejects.toThrow('no record at');
    const { record } = await kit.judge({ csv: CSV });
    const path = await new RecordFolder(kit.folder, 'model').write(record);
    await expect(judged(path)).rejects.toThrow('is no DataProfile');
    mkdirSync(join(kit.folder, 'damaged'));
    writeFileSync(join(kit.folder, 'damaged', 'DataProfile-aaaaaaaaaaaa.json'), '{"kind": "DataPro');
    await expect(judged(join(kit.folder, 'damaged'))).rejects.toThrow('is cut off');
  });

  test('is in a registry the profiles of all versions of a name', async () => {
    const place = `oci-layout:${join(kit.folder, 'registry')}`;
    const registry = await openRegistry(parseRegistry(place, 'model'), { env: {} });
    mkdirSync(join(kit.folder, 'weights'));
    for (const [version, run] of [...rowsOf(4, 5), undefined].entries()) {
      writeFileSync(join(kit.folder, 'weights', 'weights.txt'), `${version}`);
      const attachments = run ? [recordAttachment(earlierProfile(run))] : [];
      await registry.pushModel(join(kit.folder, 'weights'), { attachments });
    }
    const rest = `quality: [${own(CHANGE)}]`;
    const judged = (history: string) =>
      kit.judge({ csv: CSV, properties: '- { name: x }', rest, history: [history] });
    const { record } = await judged(`${place}/model`);
    expect(record.checks.at(-1)!.observed).toContain('expected 4.5, at least 2.25, by 2 earlier runs');
    const bad = earlierProfile({ daysAgo: 9, rowCount: 900 });
    writeFileSync(join(kit.folder, 'weights', 'weights.txt'), 'bad');
    await registry.pushModel(join(kit.folder, 'weights'), {
      attachments: [recordAttachment(bad), recordAttachment(validationOf(bad, 'fail'))],
    });
    expect((await judged(`${place}/model`)).record.checks.at(-1)!.observed).toMatch(
      /expected 4\.5, .* by 2 earlier runs .*left out: 1 whose data did not pass$/,
    );
    await expect(judged(`${place}/model@champion`)).rejects.toMatchObject({
      fix: 'Leave @champion out: all versions count.',
    });
  });

  test('is judged by its number of rows where the contract asks for nothing', async () => {
    const folder = await writeHistory(join(kit.folder, 'history'), rowsOf(99, 100, 101, 99, 100, 101, 100));
    const { record } = await kit.judge({ csv: CSV, history: [folder] });
    expect(record.verdict).toBe('warn');
    expect(record.checks).toMatchObject([
      { rule: 'history of rowCount by threeSigma', severity: 'warning', verdict: 'warn', where: null },
    ]);
  });
});

describe('a rule of history', () => {
  test.each([
    ['{ of: rowCuont, method: threeSigma }', 'of', 'Did you mean "rowCount"?'],
    ['{ of: rowCount, method: three_sigma }', 'method', 'Did you mean "threeSigma"?'],
    ['{ of: rowCount, method: threeSigma, tolerence: 1 }', 'tolerence', 'Did you mean "tolerance"?'],
    ['{ of: rowCount, method: threeSigma, least: 2 }', 'least', 'Write least: 3 or more.'],
    [
      '{ of: rowCount, method: seasonal, every: 1d, period: 7, least: 9 }',
      'least',
      'Write least: 17 or more.',
    ],
    ['{ of: nullShare, method: threeSigma }', 'of', 'Move it under a property.'],
  ])('%s is refused where it stands', async (rule, key, fix) => {
    await expect(judge(rule, rowsOf(1))).rejects.toMatchObject({
      where: { key: expect.stringContaining(key), line: expect.any(Number) },
      fix,
    });
  });

  test.each([
    ['{ of: rowCount, method: threeSigma, maxDecrease: 1 }', 'has no meaning for threeSigma'],
    ['{ of: rowCount, method: relativeChange }', 'needs maxDecrease, maxIncrease, or both'],
    ['{ of: rowCount, method: seasonal, period: 7 }', 'seasonal needs every'],
    ['{ of: rowCount, method: seasonal, every: 0d, period: 7 }', 'is a duration'],
    ['{ of: rowCount, method: seasonal, every: 1d }', 'seasonal needs period'],
    ['{ of: rowCount, quantile: 0.5, method: threeSigma }', 'has no meaning for rowCount'],
    ['{ of: quantile, method: threeSigma }', 'quantile needs quantile'],
    ['{ of: rowCount, method: threeSigma, last: 4, least: 5 }', 'is more than last'],
  ])('%s is refused', async (rule, message) => {
    await expect(judge(rule, rowsOf(1))).rejects.toThrow(message);
  });

  test('needs the input history', async () => {
    const rest = `quality: [${own(CHANGE)}]`;
    await expect(kit.judge({ csv: CSV, properties: '- { name: x }', rest })).rejects.toMatchObject({
      message: expect.stringContaining('none are given'),
      where: { line: expect.any(Number) },
    });
  });

  test('looks at one side, at the newest, from a day on, and past a tolerance', async () => {
    const runs = rowsOf(1, 2, 99, 99, 99);
    const verdict = async (more: string) =>
      (await judge(`{ of: rowCount, method: threeSigma, least: 3${more} }`, runs)).check.verdict;
    expect(await verdict('')).toBe('pass');
    expect(await verdict(', last: 3')).toBe('fail');
    expect(await verdict(', last: 3, direction: increase')).toBe('pass');
    expect(await verdict(', last: 3, direction: decrease')).toBe('fail');
    expect(await verdict(', last: 3, tolerance: 96')).toBe('pass');
    expect(await verdict(', last: 3, tolerance: 95')).toBe('fail');
    const { check } = await judge('{ of: rowCount, method: threeSigma, least: 3, since: 2001-01-29 }', runs);
    expect(check).toMatchObject({
      verdict: 'fail',
      observed: '3; expected 99, 99 to 99, by 3 earlier runs since 2001-01-29; left out: 2 before 2001-01-29',
    });
  });

  test('of a column that earlier runs did not have is not judged', async () => {
    const runs = oneADay([{ columns: ['k'] }, { columns: ['k'] }, {}]);
    const { check } = await judge('{ of: mean, method: threeSigma, least: 3 }', runs, { of: 'x' });
    const observed = '1 earlier run, and 3 are needed; left out: 2 without this number';
    expect(check).toMatchObject({ verdict: 'not_judged', observed });
  });

  test.each([
    ['nullShare', { count: 3, nulls: 1 }, '0.25; expected 0.25'],
    ['distinctCount', { distinct: 2 }, '2; expected 2'],
    ['distinctShare', { distinct: 2, count: 3 }, '0.666667; expected 0.666667'],
    ['mean', { moments: { ...NUMBERS, mean: 1.33333333333333 } }, '1.33333; expected 1.33333'],
    [
      'standardDeviation',
      { moments: { ...NUMBERS, standardDeviation: 0.577350269 } },
      '0.57735; expected 0.57735',
    ],
    ['minimum', { moments: { ...NUMBERS, minimum: 1 } }, '1; expected 1'],
    ['maximum', { moments: { ...NUMBERS, maximum: 2 } }, '2; expected 2'],
    ['median', { quantiles: [0, 0, 0, 1, 0, 0, 0] }, '1; expected 1'],
    ['quantile, quantile: 0.75', { quantiles: [0, 0, 0, 0, 1.5, 0, 0] }, '1.5; expected 1.5'],
    [
      'valueShare, value: 1',
      { count: 3, top: { values: [{ value: '1.0', count: 2 }], otherCount: 1 } },
      '0.666667; expected 0.666667',
    ],
  ])('reads %s of a profile', async (of, column, observed) => {
    const rule = `{ of: ${of}, method: absoluteChange, maxDecrease: 0.000001, maxIncrease: 0.000001 }`;
    const { check } = await judge(rule, [{ column }], { of: 'x', csv: 'x,k\n1,1\n1,1\n2,1\n,1\n' });
    expect(check).toMatchObject({ verdict: 'pass', observed: expect.stringContaining(observed) });
  });

  test('of a value that no run has is not judged, and numbers of text break it', async () => {
    const zero = { top: { values: [], otherCount: 0 } };
    const never = await judge(
      '{ of: valueShare, value: lat, method: absoluteChange, maxIncrease: 0 }',
      [{ column: zero }],
      { of: 'x' },
    );
    expect(never.check).toMatchObject({ verdict: 'not_judged', observed: 'no run has the value "lat"' });
    const text = await judge('{ of: mean, method: absoluteChange, maxIncrease: 0 }', [{}], {
      of: 'x',
      csv: 'x,k\na,1\n',
    });
    expect(text.check).toMatchObject({
      verdict: 'fail',
      observed: expect.stringContaining('holds no numbers'),
    });
    const empty = await judge('{ of: mean, method: absoluteChange, maxIncrease: 0 }', [{}], {
      of: 'x',
      csv: 'x,k\n1,1\n'.replace('\n1,', '\n,'),
    });
    expect(empty.check.verdict).toBe('fail');
  });

  test('of a season goes by the time of the runs, so that a run left out moves no other', async () => {
    // Every 7th day, counted back from today, has 3 rows, and the others 50; some days are missing, one has two runs.
    const days = Array.from({ length: 35 }, (_, index) => 35 - index).filter(
      (day) => ![5, 13, 20].includes(day),
    );
    const runs = days.map((daysAgo) => ({ daysAgo, rowCount: daysAgo % 7 === 0 ? 3 : 50 }));
    const extra = [
      { daysAgo: 2.2, rowCount: 900 },
      { daysAgo: 0.2, rowCount: 900 },
    ];
    const { check } = await judge('{ of: rowCount, method: seasonal, every: 1d, period: 7 }', [
      ...runs,
      ...extra,
    ]);
    expect(check).toMatchObject({
      verdict: 'pass',
      observed:
        '3; expected 3, 3 to 3, by 32 earlier runs since 2000-12-28; left out: 2 beside a newer one of the same 1d, or long ago',
    });
    const other = await judge('{ of: rowCount, method: seasonal, every: 1d, period: 6 }', [
      ...runs,
      ...extra,
    ]);
    expect(other.check.observed).not.toContain('expected 3,');
  });

  test('draws its earlier runs on the page, and is known since when it is broken', async () => {
    const { record } = await judge(
      '{ of: rowCount, method: threeSigma }',
      rowsOf(99, 100, 101, 99, 100, 101, 100),
    );
    expect(record.checks.at(-1)!.history).toMatchObject({
      value: 3,
      expected: 100,
      lower: expect.closeTo(95.7, 1),
    });
    const page = await renderPage([record]);
    expect(page).toContain('3 after 7 earlier runs');
    await new RecordFolder(join(kit.folder, 'records'), 'model').write(record);
    const next = await judge(
      '{ of: rowCount, method: threeSigma }',
      rowsOf(99, 100, 101, 99, 100, 101, 100, 99),
      {
        csv: 'x,k\n1,1\n2,1\n',
      },
    );
    expect(next.check.since).toBe(record.createdAt);
  });
});
