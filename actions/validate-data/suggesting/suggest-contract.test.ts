import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openTestEngine } from '../../../shared/data/test-engine.ts';
import { testKit } from '../judge.test-kit.ts';
import { findFormats } from './find-formats.ts';
import { suggestContract } from './suggest-contract.ts';

const kit = testKit();
afterAll(() => kit.remove());

const NONE = { sensitive: new Set<string>(), formats: new Map<string, string>() };

async function suggest(csv: string, more: Partial<typeof NONE> = {}) {
  const { profile } = await kit.judge({ csv });
  return suggestContract(profile, { id: 'rides', object: 'rides', ...NONE, ...more });
}

const ROWS = Array.from({ length: 100 }, (_, row) =>
  [
    `r${row}`,
    row % 3 === 0 ? 'red' : 'blue',
    (row * 7.5).toFixed(1),
    row % 25 === 0 ? '' : row,
    `2001-01-${String((row % 28) + 1).padStart(2, '0')}`,
    row / 100 + 0.001,
    row % 2 === 0,
    -row,
  ].join(','),
);
const CSV = `id,colour,fare,stops,day,share,paid,change\n${ROWS.join('\n')}\n`;

describe('a suggested contract', () => {
  test('says what holds, and why', async () => {
    const { text, rules } = await suggest(CSV, {
      formats: new Map([['colour', 'email']]),
      sensitive: new Set(['id']),
    });
    await expect(text).toMatchFileSnapshot('golden/suggested.yaml');
    expect(rules).toBe(17);
  });

  test('asks nothing of a table without rows', async () => {
    const { text, rules } = await suggest('a,b\n');
    expect(rules).toBe(0);
    expect(text).toContain('name: a');
  });

  test('is kept by the data that it was made from, whatever they are', async () => {
    const cell = fc.oneof(
      fc.constant(''),
      fc.integer().map(String),
      fc.double({ noNaN: true }).map(String),
      fc.constantFrom('a', 'b', 'true', '2001-01-01', '"x, ""y"""', '-999'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 80 }),
        async (rows) => {
          const csv = `a,b,c\n${rows.map((row) => row.join(',')).join('\n')}\n`;
          const { text } = await suggest(csv);
          const { record, broken } = await kit.judge({ csv, contract: kit.file('suggested.yaml', text) });
          expect(broken.map((check) => `${check.columns} ${check.rule} ${check.observed}`)).toEqual([]);
          expect(record.verdict).toBe('pass');
        },
      ),
      { numRuns: 25 },
    );
  });
});

test('formats are found where every value has them', async () => {
  const engine = await openTestEngine(kit.folder);
  try {
    await engine.run(
      `CREATE TABLE t AS SELECT 'a' || i || '@b.org' AS mail, '10.0.0.' || i AS ip, 'w' || i AS word FROM range(30) r(i)`,
    );
    const columns = ['mail', 'ip', 'word'].map((name) => ({ name, kind: 'text', count: 30 }));
    expect(await findFormats(engine, 't', columns)).toEqual(
      new Map([
        ['mail', 'email'],
        ['ip', 'ipv4'],
      ]),
    );
  } finally {
    engine.close();
  }
});
