/** Every rule of validate-data on made-up rows: the rows and numbers that pandas, scipy and scikit-learn find. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testKit } from '../../actions/validate-data/judge.test-kit.ts';
import type { DataCheck } from '../../shared/records/data-validation.ts';
import { ask, LONGEST, python, requirePython } from './oracle.ts';
import { batchesOf, contractOf, madeUpRows, RULE_CASES, type RuleCase } from './rule-cases.ts';

/** Rows that break the rule; numbers and words that are told, in their order; or the verdict alone. */
interface Answer {
  failing?: number;
  numbers?: number[];
  words?: string[];
  verdict?: string;
}

const SEEDS = [1, 2, 3];
const kit = testKit();
afterAll(() => kit.remove());
const pathOf = (seed: number, side: string): string => join(kit.folder, `${side}-${seed}.csv`);

const BATCHES = batchesOf(RULE_CASES);

/** By seed the check of each case. */
async function judge(seed: number): Promise<Map<RuleCase, DataCheck>> {
  const found = new Map<RuleCase, DataCheck>();
  for (const batch of BATCHES) {
    const { placeOf, ...contract } = contractOf(batch);
    const own = (text: string): string => text.replaceAll('{other}', pathOf(seed, 'other'));
    const { record } = await kit.judge({
      data: [pathOf(seed, 'data')],
      properties: own(contract.properties),
      rest: own(contract.rest),
      top: contract.top,
    });
    for (const one of batch) {
      // Every property has its type and its name judged, too.
      const isOfEach = /^(logicalType|a missing column)$/.test(one.name);
      const isOwn = ({ where, rule: words }: DataCheck): boolean =>
        where !== null &&
        isWithin(where.key, placeOf(one)) &&
        (isOfEach || !/^(name|logicalType): /.test(words));
      const checks = record.checks.filter(isOwn);
      expect(checks.length, one.name).toBeGreaterThan(0);
      found.set(one, checks[0]!);
    }
  }
  return found;
}

const isWithin = (key: string, place: string): boolean =>
  key === place || (/^[.[]/.test(key.slice(place.length)) && key.startsWith(place));

/** Half of the last digit that is shown; a number of fewer digits is shown in full. */
const precisionOf = (text: string, value: number): number => {
  const digits = text.split('.')[1]?.length ?? 0;
  return Math.max(1e-9 * Math.max(1, Math.abs(value)), digits < 3 ? 0 : 0.5 * 10 ** -digits);
};

requirePython();
describe.skipIf(!python)(
  'rules on made-up rows (set MLOPS_TEST_PYTHON to an interpreter with pandas)',
  () => {
    let answers: Record<string, Answer>[];
    let checks: Map<RuleCase, DataCheck>[];
    beforeAll(async () => {
      for (const seed of SEEDS)
        for (const [side, own] of [['data', seed] as const, ['other', seed + 100] as const])
          writeFileSync(pathOf(seed, side), madeUpRows(own));
      const cases = SEEDS.map((seed) => ({ data: pathOf(seed, 'data'), other: pathOf(seed, 'other') }));
      answers = ask<Record<string, Answer>>(cases, 'rules_oracle.py');
      checks = [];
      for (const seed of SEEDS) checks.push(await judge(seed));
    }, LONGEST);

    test('each is asked of both', () => {
      expect(Object.keys(answers[0]!).sort()).toEqual(RULE_CASES.map(({ name }) => name).sort());
    });

    test('each rule about rows is broken by some', () => {
      const never = RULE_CASES.filter(({ name }) => answers.every((answer) => answer[name]!.failing === 0));
      expect(never.map(({ name }) => name)).toEqual([]);
    });

    test.each(RULE_CASES)('$name', (given) => {
      for (const [index, seed] of SEEDS.entries()) {
        const check = checks[index]!.get(given)!;
        const { failing, numbers, words, verdict } = answers[index]![given.name]!;
        const what = `${given.name}, seed ${seed}: ${JSON.stringify(check)}`;
        if (failing !== undefined) expect(check.failing, what).toBe(failing);
        if (verdict !== undefined) expect(check.verdict, what).toBe(verdict);
        const observed = check.observed ?? '';
        if (words)
          expect(
            words.filter((word) => !observed.includes(word)),
            what,
          ).toEqual([]);
        if (!numbers) continue;
        const shown = observed.match(/-?\d+(\.\d+)?(e[+-]\d+)?/g) ?? [];
        for (const [at, wanted] of numbers.entries())
          expect(Math.abs(Number(shown[at]) - wanted), what).toBeLessThanOrEqual(
            precisionOf(shown[at]!, wanted),
          );
      }
    });
  },
);
