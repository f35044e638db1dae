/**
 * Every check and measure of `docs/checks.md`, every detector and every estimate has a case of an oracle in the peer
 * tier, where the numbers are compared. A new name without one is red here, without any Python.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  DRIFT_FINDING_CATALOGUE,
  DRIFT_MEASURE_CATALOGUE,
} from '../../actions/drift-check/measure-catalogue.ts';
import { CATALOGUE } from '../../actions/validate-data/rules/catalogue.ts';
import { DRIFT_DETECTORS } from '../../shared/records/drift-policy.ts';
import { RULE_CASES } from '../peers/rule-cases.ts';

const ofRoot = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const peer = (name: string): string => ofRoot(`action-test/peers/${name}`);

/** Checks whose cases are not among those of the rules: a text of the test that has them. */
const CHECKS_ELSEWHERE: Record<string, [file: string, text: string]> = {
  'duplicate headers': ['odd-data-scipy.test.ts', "'duplicate headers': ["],
  // What is counted has its oracle under rowCount.
  'rows of the reference': ['rules_oracle.py', '"rowCount":'],
  'history relativeChange': ['history_oracle.py', 'def change('],
  'history absoluteChange': ['history_oracle.py', 'def change('],
  'history threeSigma': ['history_oracle.py', 'def usual('],
  'history seasonal': ['history_oracle.py', 'def season('],
  'statistic averageLength': ['data_statistics_oracle.py', '"lengths":'],
};

const FINDINGS: Record<string, [file: string, text: string]> = {
  null_share: ['odd-data-scipy.test.ts', 'p of nulls of'],
  correlations: ['drift_p_values.py', 'def correlations('],
  multivariate: ['drift-scipy.test.ts', 'areaTest(['],
};
/** Compared as numbers or as categories are, by the same functions. */
const AS_OTHERS: Record<string, [file: string, text: string]> = {
  text: ['actions/drift-check/kinds/text.ts', 'compareNumeric('],
  timestamp: ['actions/drift-check/kinds/times.ts', 'compareCounts('],
};

const DETECTORS: Record<(typeof DRIFT_DETECTORS)[number], string> = {
  adwin: "compare('adwin'",
  page_hinkley: "compare('page_hinkley'",
  ddm: "compare('ddm'",
  kswin: "kind: 'kswin'",
};

describe('an oracle', () => {
  const statistics = peer('data_statistics_oracle.py');
  const hasOracle = (check: string): boolean => {
    const elsewhere = CHECKS_ELSEWHERE[check];
    if (elsewhere) return peer(elsewhere[0]).includes(elsewhere[1]);
    const [, statistic] = /^statistic (.*)$/.exec(check) ?? [];
    if (statistic) return new RegExp(`"${statistic}( [\\d.]+)?":`).test(statistics);
    return RULE_CASES.some(({ name }) => name === check || name.startsWith(`${check} `));
  };

  test.each(CATALOGUE)('is asked about $check', ({ check }) => {
    expect(hasOracle(check)).toBe(true);
  });

  test('answers each case of a rule', () => {
    const oracle = peer('rules_oracle.py');
    expect(RULE_CASES.filter(({ name }) => !oracle.includes(`    "${name}": `))).toEqual([]);
  });

  test.each(Object.keys(DRIFT_MEASURE_CATALOGUE))('has the measure %s', (measure) => {
    expect(peer('odd_data_oracle.py')).toContain(`"${measure}": float(`);
  });

  test.each(Object.keys(DRIFT_FINDING_CATALOGUE))('has the finding %s', (finding) => {
    const [file, text] = FINDINGS[finding] ?? [];
    if (file !== undefined) expect(peer(file)).toContain(text);
    else expect(ofRoot(AS_OTHERS[finding]![0])).toContain(AS_OTHERS[finding]![1]);
  });

  test.each(DRIFT_DETECTORS)('runs the detector %s', (detector) => {
    expect(peer('detectors-river.test.ts')).toContain(DETECTORS[detector]);
  });

  test('is asked about the estimate of every metric of a policy', () => {
    const asked = peer('estimates-sklearn.test.ts');
    for (const task of ['binary', 'multiclass', 'regression'])
      expect(asked.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(`metricsOf\\('${task}'\\)|Table, '${task}'`));
  });

  test('is there for as many rows as the page has', () => {
    const rows = ofRoot('docs/checks.md')
      .split('\n')
      .filter((line) => /^\| (?!in the contract|word)/.test(line));
    const known = [CATALOGUE, Object.keys(DRIFT_MEASURE_CATALOGUE), Object.keys(DRIFT_FINDING_CATALOGUE)];
    expect(rows).toHaveLength(known.reduce((sum, { length }) => sum + length, 0));
  });
});
