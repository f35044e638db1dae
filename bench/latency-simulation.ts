/**
 * How often the intervals of the latency gate cover the truth, on latencies whose percentiles are known: a lognormal
 * and one with a second hump (a slow path that a tenth of the requests take). 2,000 draws from a fixed seed.
 */
import { normalCdf } from '../shared/stats/distributions.ts';
import { moverInterval, type SampleEstimate, sampleMean } from '../shared/stats/independent-samples.ts';
import { orderStatisticInterval, percentile, valuesForInterval } from '../shared/stats/order-statistics.ts';
import { Randomness } from './gate-simulation-data.ts';
import type { Benchmark } from './measure.ts';

const DRAWS = 2000;
const ALPHA = 0.025;
/** Order statistics promise at least 95 %; simulated with 2,000 draws that may look like 94 %. */
const LEAST_COVERAGE = 0.94;

interface Latencies {
  name: string;
  draw(random: Randomness): number;
  cdf(x: number): number;
  mean: number;
}

const logNormal = (median: number, sigma: number) => ({
  cdf: (x: number) => normalCdf(Math.log(x / median) / sigma),
  mean: median * Math.exp(sigma ** 2 / 2),
});
const [usual, slow] = [logNormal(20, 0.4), logNormal(120, 0.2)];
const SHAPES: Latencies[] = [
  {
    name: 'lognormal',
    draw: (random) => 20 * Math.exp(0.4 * random.normal()),
    cdf: usual.cdf,
    mean: usual.mean,
  },
  {
    name: 'two humps',
    draw: (random) =>
      random.uniform() < 0.1 ? 120 * Math.exp(0.2 * random.normal()) : 20 * Math.exp(0.4 * random.normal()),
    cdf: (x) => 0.9 * usual.cdf(x) + 0.1 * slow.cdf(x),
    mean: 0.9 * usual.mean + 0.1 * slow.mean,
  },
];

export async function benchmark(): Promise<Benchmark> {
  const random = new Randomness(20_081_102);
  const rows: string[] = [];
  let withinLimit = true;
  for (const shape of SHAPES) {
    const sample = (count: number): Float64Array =>
      Float64Array.from({ length: count }, () => shape.draw(random)).sort();
    for (const [name, count] of cases()) {
      const [own, change] = coverage(name, shape, () => sample(count));
      const isMean = name === 'mean';
      if (!isMean && Math.min(own, change) < LEAST_COVERAGE) withinLimit = false;
      rows.push(`| ${shape.name} | ${name} | ${count} | ${percent(own)} | ${percent(change)} |`);
    }
  }
  return {
    title: `Coverage of 95 % intervals of latencies (${DRAWS.toLocaleString('en')} draws)`,
    table: [
      '| latencies | of | requests | value | change (MOVER) |',
      '| --- | --- | ---: | ---: | ---: |',
      ...rows,
    ].join('\n'),
    withinLimit,
  };
}

/** Each percentile at the fewest requests that are judged at all, and at more. */
function cases(): [name: string, count: number][] {
  const shares = [0.5, 0.9, 0.95, 0.99];
  return [
    ...shares.flatMap((share): [string, number][] => {
      const name = `p${share * 100}`;
      return [valuesForInterval(share, ALPHA), 600, 5000].map((count) => [name, count]);
    }),
    ...[50, 100, 200, 600].map((count): [string, number] => ['mean', count]),
  ];
}

function coverage(name: string, shape: Latencies, sample: () => Float64Array): [own: number, change: number] {
  const share = name === 'mean' ? undefined : Number(name.slice(1)) / 100;
  const truth = share === undefined ? shape.mean : quantileOf(shape, share);
  const estimate = (sorted: Float64Array): SampleEstimate =>
    share === undefined
      ? sampleMean(sorted)
      : {
          value: percentile(sorted, share),
          interval: (alpha) => orderStatisticInterval(sorted, share, alpha),
        };
  let [own, change] = [0, 0];
  for (let draw = 0; draw < DRAWS; draw++) {
    const [first, second] = [estimate(sample()), estimate(sample())];
    const [low, high] = first.interval(ALPHA);
    if (low <= truth && truth <= high) own++;
    const terms = [
      { factor: 1, estimate: first },
      { factor: -1, estimate: second },
    ];
    const [below, above] = moverInterval(terms, ALPHA);
    if (below <= 0 && 0 <= above) change++;
  }
  return [own / DRAWS, change / DRAWS];
}

function quantileOf(shape: Latencies, share: number): number {
  let [low, high] = [0, 10_000];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (shape.cdf(middle) < share) low = middle;
    else high = middle;
  }
  return low;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
