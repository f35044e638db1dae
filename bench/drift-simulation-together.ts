/** How often the classifier of sides and the correlations alarm where nothing moved, and what they find. */
import { assess } from '../actions/drift-check/assess.ts';
import type { DriftTable } from '../actions/drift-check/table.ts';
import { type DriftPolicy, driftPolicySchema } from '../shared/records/drift-policy.ts';
import { type Line, nominal } from './drift-simulation-line.ts';
import { crossedTable, mixedTable, roughTable, spreadTable, tiedTable } from './drift-tables.ts';

const QUIET = { most: 0.05 };

function judge(reference: DriftTable, data: DriftTable, policy: DriftPolicy) {
  return assess(reference, data, { policy, metrics: [], importance: new Map(), times: [] });
}

/** One of both, on all rows. */
const policyOf = (part: 'multivariate' | 'correlations', rows: number): DriftPolicy =>
  driftPolicySchema.parse({
    version: 1,
    multivariate: part === 'multivariate' && { rows },
    correlations: part === 'correlations' && { rows },
  });

const size = (rows: number): string => rows.toLocaleString('en-GB');

function correlationLines(effort: (pairs: number) => number): Line[] {
  const quiet = (
    [
      ['normal', mixedTable, 500, 1000],
      ['rough', roughTable, 500, 1000],
      ['rough', roughTable, 2000, 400],
      ['rough', roughTable, 5000, 200],
    ] as const
  ).map(([kind, make, rows, wanted]): Line => {
    const pairs = effort(wanted);
    const policy = policyOf('correlations', rows);
    let alarms = 0;
    for (let pair = 1; pair <= pairs; pair++) {
      const { correlations } = judge(make(rows, 2 * pair), make(rows, 2 * pair + 1), policy);
      if (correlations!.status === 'drifts') alarms++;
    }
    const what = `nothing moved, ${kind} columns, n = ${size(rows)}: a correlation alarms`;
    return { what, pairs, share: alarms / pairs, limit: QUIET };
  });
  const found = ([500, 5000] as const).map((rows): Line => {
    const pairs = effort(100);
    let hits = 0;
    for (let pair = 1; pair <= pairs; pair++) {
      const data = mixedTable(rows, 2 * pair + 1);
      const [first] = judge(tiedTable(rows, 2 * pair), data, policyOf('correlations', rows)).correlations!
        .largest;
      if (first?.changed && first.columns.join() === 'n0,n1') hits++;
    }
    const what = `a correlation of 0.6 is gone, n = ${size(rows)}: its pair is named first`;
    return { what, pairs, share: hits / pairs, limit: { least: 0.95 } };
  });
  return [...quiet, ...found];
}

function quietClassifierLines(effort: (pairs: number) => number): Line[] {
  return (
    [
      [200, 1000],
      [500, 600],
      [5000, 100],
    ] as const
  ).flatMap(([rows, wanted]): Line[] => {
    const pairs = effort(wanted);
    let [alarms, significant, half, area] = [0, 0, 0, 0];
    for (let pair = 1; pair <= pairs; pair++) {
      const { status, pValue, auc } = judge(
        roughTable(rows, 2 * pair),
        roughTable(rows, 2 * pair + 1),
        policyOf('multivariate', rows),
      ).multivariate!;
      if (status === 'drifts') alarms++;
      if (pValue! <= 0.05) significant++;
      if (pValue! <= 0.5) half++;
      area += auc! / pairs;
    }
    const start = `nothing moved, rough columns, n = ${size(rows)}: the classifier`;
    const halves = 2 * Math.sqrt(0.25 / pairs);
    return [
      {
        what: `${start} alarms`,
        pairs,
        share: alarms / pairs,
        // Below 500 rows its smallest area is within chance, and the p-value alone decides.
        limit: rows < 500 ? { most: nominal(pairs) } : QUIET,
      },
      { what: `${start}'s p ≤ 0.05`, pairs, share: significant / pairs, limit: { most: nominal(pairs) } },
      {
        what: `${start}'s p ≤ 0.5`,
        pairs,
        share: half / pairs,
        limit: { least: 0.5 - halves, most: 0.5 + halves },
      },
      {
        what: `${start}'s mean AUC`,
        pairs,
        share: area,
        limit: { least: 0.49, most: 0.51 },
        isArea: true,
      },
    ];
  });
}

/** What was there before and is gone, of which no single column knows. */
const LOST = [
  { what: 'a correlation of 0.6', make: tiedTable, names: ['n0', 'n1'], least: 0.9 },
  { what: 'a spread that hung on another column', make: spreadTable, names: ['n0', 'n1'], least: 0.9 },
  // Three columns of which any two are independent: small trees do not find that, and it is said.
  { what: 'a sign that was the product of two others', make: crossedTable, names: ['n0', 'n1', 'n2'] },
] as const;

function lostLines(effort: (pairs: number) => number): Line[] {
  return LOST.flatMap(({ what, make, names, ...given }) =>
    ([1000, 5000] as const).flatMap((rows): Line[] => {
      const pairs = effort(60);
      const columns = driftPolicySchema.parse({ version: 1, multivariate: { rows }, correlations: false });
      let [hits, named, single] = [0, 0, 0];
      for (let pair = 1; pair <= pairs; pair++) {
        const [before, now] = [make(rows, 2 * pair), make(rows, 2 * pair + 1, true)];
        const found = judge(before, now, columns);
        if (found.columns.some(({ status }) => status === 'drifts')) single++;
        if (found.multivariate!.status !== 'drifts') continue;
        hits++;
        const telling = found.multivariate!.columns.slice(0, names.length).map(({ name }) => name);
        if (telling.sort().join() === names.join()) named++;
      }
      const start = `${what} is gone, n = ${size(rows)}`;
      const limit = rows === 5000 && 'least' in given ? { least: given.least } : {};
      return [
        {
          what: `${start}: any column alarms`,
          pairs,
          share: single / pairs,
          limit: { most: nominal(pairs) },
        },
        { what: `${start}: the classifier finds it`, pairs, share: hits / pairs, limit },
        { what: `${start}: and names its columns first`, pairs, share: named / pairs, limit },
      ];
    }),
  );
}

/** @param effort 1 for all pairs; less for a quick look. */
export function simulateTogether(effort: number): Line[] {
  const scaled = (pairs: number): number => Math.max(1, Math.round(pairs * effort));
  return [...correlationLines(scaled), ...quietClassifierLines(scaled), ...lostLines(scaled)];
}
