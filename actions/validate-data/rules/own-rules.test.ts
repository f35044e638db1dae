import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OWN_RULES } from '../../../shared/records/contract-rules.ts';
import { writeHistory } from '../history/history.test-kit.ts';
import { type Kit, testKit } from '../judge.test-kit.ts';
import { STANDARD_CASES } from '../standard-cases.test-kit.ts';
import { CATALOGUE } from './catalogue.ts';
import { OWN_CASES, type OwnCase } from './own-cases.test-kit.ts';

let kit: Kit;
beforeEach(() => {
  kit = testKit();
});
afterEach(() => kit.remove());

/** The contract and data of a case; the rule stands on the object or is woven into its property. */
async function judge(given: OwnCase, csv: string) {
  for (const [name, content] of Object.entries(given.files ?? {})) kit.file(name, content);
  const reference = given.reference === undefined ? undefined : [kit.file('reference.csv', given.reference)];
  const history = given.earlier && [await writeHistory(join(kit.folder, 'history'), given.earlier)];
  const rule = given.rule.replaceAll('{folder}', kit.folder);
  const quality = `quality: [{ type: custom, engine: mlops-actions, implementation: { ${rule} } }]`;
  if (given.of === undefined)
    return kit.judge({ properties: given.properties, rest: quality, csv, reference, history });
  const properties = given.properties
    .split('\n')
    .map((line) => (line.includes(`name: ${given.of}`) ? line.replace(/ \}$/, `, ${quality} }`) : line));
  return kit.judge({ properties: properties.join('\n'), csv, reference, history });
}

describe('every rule of ours passes and fails', () => {
  test.each(OWN_CASES)('$name', async (given) => {
    const passing = await judge(given, given.good);
    expect(passing.broken.filter(({ where }) => where !== null)).toEqual([]);
    expect(passing.record.checks.length).toBeGreaterThan(0);
    const failing = await judge(given, given.bad);
    const fails = failing.broken.filter((check) => check.verdict === 'fail');
    expect(fails[0]).toMatchObject({ severity: 'error', ...given.broken });
    expect(fails[0]?.where?.line).toBeGreaterThan(5);
  });
});

describe('the catalogue', () => {
  /** Rows whose cases stand in tests of their own. */
  const ELSEWHERE = ['duplicate headers', 'rows of the reference'];
  const cases = [...STANDARD_CASES.map(([name]) => name), ...OWN_CASES.map(({ name }) => name), ...ELSEWHERE];

  test.each(CATALOGUE)('has a passing and a failing case of $check', ({ check }) => {
    expect(cases.filter((name) => name === check || name.startsWith(`${check} `))).not.toEqual([]);
  });

  test('knows every rule of ours and every case', () => {
    const checks = CATALOGUE.map(({ check }) => check);
    for (const rule of OWN_RULES)
      expect(checks.filter((check) => check.split(' ')[0] === rule)).not.toEqual([]);
    for (const { name } of OWN_CASES)
      expect(checks.filter((check) => name === check || name.startsWith(`${check} `))).not.toEqual([]);
    expect(new Set(checks).size).toBe(checks.length);
  });
});
