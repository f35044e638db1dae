import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GateFolder, makeGateFolder, POLICY } from '../fixtures/gate-folder.ts';

const LIMIT = 'explainability: {attribution_ndcg: {lower_bound: 0.9}}\n';

describe('attributions', () => {
  let given: GateFolder;
  const at = (name: string) => given.at(name);
  beforeEach(async () => {
    given = await makeGateFolder();
  });
  afterEach(() => given.close());

  const file = async (name: string, lines: string[]) => {
    await writeFile(at(name), `${lines.join('\n')}\n`);
    return at(name);
  };
  const gate = async (inputs: Record<string, string>, block = LIMIT) => {
    await writeFile(at('gate.yaml'), `${POLICY}${block}`);
    const record = await given.gate({ ...given.files(), ...inputs });
    return { record, ndcg: record.metrics.find(({ name }) => name === 'attribution_ndcg') };
  };

  test('of SHAP values: mean absolute values by feature, without the id', async () => {
    const { record, ndcg } = await gate({
      attributions: await file('a.csv', ['flight_id,age,fare,base_values', 'f1,1,-3,9', 'f2,-1,1,9']),
      'baseline-attributions': await file('b.csv', ['flight_id,age,fare', 'f1,2,2', 'f2,2,2', 'f3,2,5']),
    });
    expect(ndcg).toMatchObject({ challenger: 1, verdict: 'pass', word: 'within its limit', method: '' });
    expect(record.attributions).toEqual([
      { feature: 'fare', champion: 3, challenger: 2 },
      { feature: 'age', champion: 2, challenger: 1 },
    ]);
    expect(record.inputs.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['attributions', 'baseline-attributions']),
    );
  });

  test('of importances, as a table, as JSON of xgboost, in another format on the other side', async () => {
    await writeFile(at('gain.json'), '{"fare": 1.5, "age": 8, "new": 20}');
    const { record, ndcg } = await gate({
      attributions: at('gain.json'),
      'baseline-attributions': await file('b.csv', ['feature,importance,std', 'fare,12,0.1', 'age,3,0.1']),
    });
    // The champion's order is fare, age; the challenger's new, age, fare.
    const discount = [1, 2, 3].map((position) => 1 / Math.log2(position + 1));
    const value = (3 * discount[1]! + 12 * discount[2]!) / (12 * discount[0]! + 3 * discount[1]!);
    expect(ndcg!.challenger).toBeCloseTo(value, 12);
    expect(ndcg).toMatchObject({ verdict: 'fail', direction: 'higher', challengerInterval: null });
    expect(record.notes).toContain("Only this model has attributions of new; the other's count as 0.");
    expect(record.attributions!.find(({ feature }) => feature === 'new')).toEqual({
      feature: 'new',
      champion: null,
      challenger: 20,
    });
  });

  test('a file that is missing on one side is missing, with its name', async () => {
    const attributions = await file('a.csv', ['age', '1']);
    const alone = await gate({ attributions });
    expect(alone.ndcg).toMatchObject({ verdict: 'missing', why: 'baseline-attributions is not given' });
    expect(alone.record).toMatchObject({
      verdict: 'fail',
      attributions: [{ feature: 'age', champion: null, challenger: 1 }],
    });
    expect((await gate({})).ndcg).toMatchObject({
      verdict: 'missing',
      why: 'the input attributions is not given',
    });
  });

  test('without a champion there is nothing to drift from, and the policy says what that means', async () => {
    const { record, ndcg } = await gate(
      { 'baseline-predictions': '', attributions: await file('a.csv', ['age', '1']) },
      `${LIMIT}baseline: {on_missing: fail}\n`,
    );
    expect(ndcg).toBeUndefined();
    expect(record).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('asks for a baseline') });
  });

  test('without a limit the number is reported', async () => {
    const both = await file('a.csv', ['age,fare', '1,2']);
    const { ndcg } = await gate({ attributions: both, 'baseline-attributions': both }, '');
    expect(ndcg).toMatchObject({ challenger: 1, word: 'reported' });
  });

  test.each<[string, string, string[], RegExp]>([
    ['a text among the values', 'a.csv', ['age,city', '1,Rome'], /columns city hold no numbers/],
    ['an empty cell', 'a.csv', ['age,fare', '1,', '2,3'], /"fare" is not a finite number/],
    ['no feature', 'a.csv', ['flight_id', 'f1'], /no column of a feature/],
    ['no row', 'a.csv', ['age,fare'], /no row/],
    ['a feature twice', 'a.csv', ['feature,importance', 'age,1', 'age,2'], /"age" is given twice/],
    ['no number for a feature', 'a.csv', ['feature,importance', 'age,much'], /"age" is not a finite number/],
    ['JSON of lists', 'a.json', ['{"age": [1, 2]}'], /"age" is not a finite number/],
    ['JSON that is no object', 'a.json', ['[1]'], /no object of importances/],
    ['broken JSON', 'a.json', ['{'], /not valid JSON/],
  ])('%s is refused', async (_, name, lines, message) => {
    await expect(gate({ attributions: await file(name, lines) })).rejects.toThrow(message);
  });
});
