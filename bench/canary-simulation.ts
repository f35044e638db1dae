/**
 * Whether the verdicts of a canary do what they promise, over whole rollouts through the engine itself, from fixed
 * seeds, beside the rules of other controllers on the same draws. `npm run bench -- canary-simulation`; ends with 1
 * when a number is out of its range, which the titles say. Takes about seven minutes.
 */
import { CountedTraffic, type MinuteBehaviour } from '../actions/canary-deploy/fixtures/simulated-windows.ts';
import { type Rollout, rolloutSchema } from '../shared/records/rollout.ts';
import { playRollout } from './canary-simulation-play.ts';
import { RULES } from './canary-simulation-rules.ts';
import type { Benchmark } from './measure.ts';

const RUNS = 2000;
const LOOKS = 60;
const ALPHA = 0.05;
const ERRORS = 0.005;

type Behaviour = (minute: number, random: () => number) => MinuteBehaviour;

/** Both arms alike: slow as often as the champion's 95th percentile says, and with three classes of predictions. */
const USUAL: MinuteBehaviour = {
  ...{ errorRate: ERRORS, slowShare: 0.05, predictions: { no: 0.6, maybe: 0.3, yes: 0.1 } },
};
const steadily =
  (change: Partial<MinuteBehaviour> = {}): Behaviour =>
  () => ({ ...USUAL, ...change });
/** In 1 % of minutes a fifth of the requests fails, of this arm alone. */
const inBursts: Behaviour = (_, random) => ({ ...USUAL, errorRate: random() < 0.01 ? 0.2 : ERRORS });

interface Part {
  title: string;
  header: string[];
  rows: string[][];
  isWithin: boolean;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** So many minutes at 10 % of the traffic; with `wait`, decided as soon as it can be. */
function rules(change: Record<string, unknown> = {}, wait = false): Rollout {
  return rolloutSchema.parse({
    version: 1,
    steps: [{ weight: 10, bake: wait ? '1m' : '60m' }],
    analysis: {
      ...{ alpha: ALPHA, interval: '1m', on_inconclusive: 'hold', max_extend: wait ? `${LOOKS - 1}m` : '0s' },
    },
    ...change,
  });
}

/** What errors, latency and predictions share α in. */
const THREE_METRICS = { latency: { slower_than: '1s' }, predictions: {} };

function traffic(seed: number, requests: number, champion: Behaviour, challenger: Behaviour) {
  return new CountedTraffic({ seed, requestsPerMinute: requests, champion, challenger });
}

function shareOf(runs: number, happens: (run: number) => boolean): number {
  let count = 0;
  for (let run = 1; run <= runs; run += 1) if (happens(run)) count += 1;
  return count / runs;
}

function nothingWrong(): Part {
  const worlds: { name: string; champion: Behaviour; challenger: Behaviour }[] = [
    { name: 'steady', champion: steadily(), challenger: steadily() },
    { name: 'bursts, each arm alone', champion: inBursts, challenger: inBursts },
    { name: 'bursts of the challenger', champion: steadily(), challenger: inBursts },
  ];
  let isWithin = true;
  const rows = worlds.flatMap(({ name, champion, challenger }, world) =>
    [20, 200, 2000].map((requests) => {
      const draw = (run: number) => traffic(run * 10 + world, requests, champion, challenger);
      const ends = (run: number, how: Rollout, kind: string) =>
        playRollout(how, draw(run), LOOKS).kind === kind;
      const one = shareOf(RUNS, (run) => ends(run, rules(), 'rollback'));
      const three = shareOf(RUNS, (run) => ends(run, rules(THREE_METRICS), 'rollback'));
      const promoted = shareOf(RUNS, (run) => ends(run, rules({}, true), 'promote'));
      isWithin &&= one <= ALPHA && three <= ALPHA;
      const others = Object.values(RULES).map((rule) =>
        shareOf(RUNS, (run) => {
          const source = draw(run);
          return rule(Array.from({ length: LOOKS }, () => source.window(10)));
        }),
      );
      return [name, String(requests), ...[...others, one, three, promoted].map(percent)];
    }),
  );
  return {
    title: `Nothing is wrong: ${percent(ERRORS)} errors in both arms; rolled back all the same (engine: at most ${percent(ALPHA)})`,
    header: ['world', 'requests/min', ...Object.keys(RULES), 'errors alone', 'three metrics', 'promoted'],
    rows,
    isWithin,
  };
}

function faults(): Part {
  const broken = { errorRate: 0.05 };
  const from =
    (minute: number, change: Partial<MinuteBehaviour>): Behaviour =>
    (now) =>
      now > minute ? { ...USUAL, ...change } : USUAL;
  const long = { steps: [{ weight: 10, bake: '120m' }] };
  const later = {
    steps: [
      { weight: 9.99, bake: '30m' },
      { weight: 10, bake: '90m' },
    ],
  };
  const cases: {
    name: string;
    change: Record<string, unknown>;
    begins: number;
    fault: Partial<MinuteBehaviour>;
    most: number;
  }[] = [
    { name: '5 % errors, errors alone', change: long, begins: 0, fault: broken, most: 8 },
    {
      name: '5 % errors, three metrics',
      change: { ...long, ...THREE_METRICS },
      begins: 0,
      fault: broken,
      most: 10,
    },
    { name: '5 % errors from minute 30, within a step', change: long, begins: 30, fault: broken, most: 12 },
    { name: '5 % errors from minute 30, with a step', change: later, begins: 30, fault: broken, most: 12 },
    {
      name: '5 % errors from minute 30, with a step, three metrics',
      ...{ change: { ...later, ...THREE_METRICS }, begins: 30, fault: broken, most: 12 },
    },
    {
      name: 'a quarter is slow, three metrics',
      ...{ change: { ...long, ...THREE_METRICS }, begins: 0, fault: { slowShare: 0.25 }, most: 10 },
    },
    {
      name: 'a third predicted otherwise, three metrics',
      ...{ change: { ...long, ...THREE_METRICS }, begins: 0, most: 10 },
      fault: { predictions: { no: 0.3, maybe: 0.3, yes: 0.4 } },
    },
  ];
  let isWithin = true;
  const rows = cases.map(({ name, change, begins, fault, most }) => {
    const found: number[] = [];
    let early = 0;
    for (let run = 1; run <= RUNS; run += 1) {
      const source = traffic(run * 10 + 7, 200, steadily(), from(begins, fault));
      const { kind, looks } = playRollout(rules(change), source, 120);
      if (looks <= begins) early += 1;
      else found.push(kind === 'rollback' ? looks - begins : Number.POSITIVE_INFINITY);
    }
    const sorted = found.sort((a, b) => a - b);
    const median = sorted[Math.floor((sorted.length - 1) / 2)]!;
    const latest = sorted[Math.floor(0.9 * (sorted.length - 1))]!;
    isWithin &&= median <= most;
    return [name, String(median), String(most), String(latest), percent(early / RUNS)];
  });
  return {
    title: 'Something is wrong, 200 requests/min: looks until it is rolled back',
    header: ['fault', 'median', 'at most', '90 % within', 'rolled back before'],
    rows,
    isWithin,
  };
}

function promotions(): Part {
  const clean = { errorRate: 0 };
  /** Clean requests that show an error rate below 1 %, as `zero-error-bound.ts` says. */
  const needed = 449;
  const cases: {
    name: string;
    requests: number;
    champion: Behaviour;
    challenger: Behaviour;
    change?: Record<string, unknown>;
    least?: number;
    most?: number;
  }[] = [
    { name: 'equal', requests: 2000, champion: steadily(), challenger: steadily(), least: 0.95 },
    {
      name: 'equal, three metrics',
      requests: 2000,
      champion: steadily(),
      challenger: steadily(),
      change: THREE_METRICS,
      least: 0.95,
    },
    {
      name: 'exactly twice the errors',
      requests: 2000,
      champion: steadily(),
      challenger: steadily({ errorRate: 2 * ERRORS }),
      most: 0.05,
    },
    {
      name: 'exactly twice the errors',
      requests: 200,
      champion: steadily(),
      challenger: steadily({ errorRate: 2 * ERRORS }),
      most: 0.05,
    },
    {
      name: 'no errors at all',
      requests: 2000,
      champion: steadily(clean),
      challenger: steadily(clean),
      least: 1,
    },
    {
      name: 'no errors at all',
      requests: 200,
      champion: steadily(clean),
      challenger: steadily(clean),
      least: 1,
    },
  ];
  let isWithin = true;
  const rows = cases.map(({ name, requests, champion, challenger, change, least = 0, most = 1 }) => {
    let isPrompt = true;
    const share = shareOf(RUNS, (run) => {
      const played = playRollout(
        rules(change, true),
        traffic(run * 10 + 3, requests, champion, challenger),
        LOOKS,
      );
      // With no error it is promoted at the first look at which the bound allows it, and not before.
      const last = played.windows.at(-1)!.challenger.requests;
      if (least === 1) isPrompt &&= played.requests >= needed && played.requests - last < needed;
      return played.kind === 'promote';
    });
    isWithin &&= share >= least && share <= most && isPrompt;
    const range = most < 1 ? `at most ${percent(most)}` : `at least ${percent(least)}`;
    const how =
      least === 1 ? `, at the first look with ${needed} requests${isPrompt ? '' : ' (it was not)'}` : '';
    return [name, String(requests), percent(share), `${range}${how}`];
  });
  return {
    title: `Promoted within ${LOOKS} looks at the margin 2`,
    header: ['challenger', 'requests/min', 'promoted', 'should be'],
    rows,
    isWithin,
  };
}

export async function benchmark(): Promise<Benchmark> {
  const parts = [nothingWrong(), faults(), promotions()];
  return {
    title: `canary: ${RUNS.toLocaleString('en')} rollouts each, ${LOOKS} looks of one minute, 10 % weight, α = ${ALPHA}`,
    table: parts.map(tableOf).join('\n\n'),
    withinLimit: parts.every(({ isWithin }) => isWithin),
  };
}

function tableOf({ title, header, rows, isWithin }: Part): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    `### ${title}${isWithin ? '' : ': OUT OF RANGE'}`,
    '',
    line(header),
    line(header.map(() => '---')),
    ...rows.map(line),
  ].join('\n');
}
