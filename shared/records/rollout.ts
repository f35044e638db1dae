/** The rollout file: the steps of a canary and the rules by which its evidence is judged. */
import * as z from 'zod';
import { type PositionedDocument, readYamlDocument } from './document.ts';
import { durationMilliseconds, durationSchema } from './duration.ts';
import { cloudWatchMetricSchema } from './system-policy.ts';

export const ROLLOUT_STRATEGIES = ['canary', 'linear', 'blue-green', 'shadow', 'all-at-once'] as const;

const rateSchema = z.number().gt(0).lt(1);

const stepSchema = z.strictObject({
  /** Per cent of the requests that go to the challenger. 100 is what a promotion makes. */
  weight: z.number().gt(0).lt(100, 'at 100 there is no champion to compare with; promotion makes it 100'),
  /** How long the step lasts at least. */
  bake: durationSchema,
  /** After the step the run ends, and `operation: continue` takes the next one: in a job that a person approves. */
  pause: z.boolean().default(false),
});

const analysisSchema = z.strictObject({
  /** Length of one look. */
  interval: durationSchema.default('1m'),
  /** Nothing is looked at for so long after the challenger has its first traffic: caches and compilers warm up. */
  initial_delay: durationSchema.default('0s'),
  /** Chance of rolling back a challenger that is as good as the champion, over all metrics and looks. */
  alpha: rateSchema.max(0.5).default(0.05),
  /** The ratio of challenger's to champion's rate that must be excluded before a promotion. */
  margin: z.number().gt(1).max(20).default(2),
  /** Requests that the challenger must have finished in each step before it can end. */
  min_requests: z.number().int().min(1).default(50),
  /** How long a rollout may go on past its planned bakes, in all. */
  max_extend: durationSchema.default('30m'),
  /** What happens when the evidence has not decided by then. */
  on_inconclusive: z.enum(['rollback', 'hold', 'promote']).default('rollback'),
});

const errorsSchema = z.strictObject({
  /** An error rate that the challenger must not have, whatever the champion's is. */
  ceiling: rateSchema.optional(),
  /** Below this error rate nothing is rolled back. */
  floor: rateSchema.optional(),
  /** With no error in either arm: promoted once the challenger's rate is shown to be below this. */
  absolute_margin: rateSchema.default(0.01),
});

const latencySchema = z.strictObject({
  /** `champion_p95`, measured before the first step, or a duration such as 250ms. */
  slower_than: z.union([z.literal('champion_p95'), durationSchema]).default('champion_p95'),
  /** Share of slow requests that the challenger must not have, whatever the champion's is. */
  ceiling: rateSchema.optional(),
});

/** How far the challenger's predictions may be from the champion's in the same minutes. */
const predictionsSchema = z.strictObject({
  /** Total variation: the share of predictions that would have to move to make both alike. */
  max_distance: rateSchema.default(0.1),
});

const query = z.string().min(1).max(10_000);

/** A measure of the server, asked of the monitoring at each look; `$arm`, `$server` and `$digest` name the arm. */
const serverMeasureSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(100)
    .refine((name) => name !== '__proto__', 'is a name that no record can keep'),
  /** PromQL that answers one series; with a source of Prometheus. */
  query: query.optional(),
  /** With a source of CloudWatch. */
  metric: cloudWatchMetricSchema.optional(),
  unit: z.string().max(20).optional(),
  /** What the challenger's value must not be above or below. */
  max: z.number().optional(),
  min: z.number().optional(),
  /** So many looks in a row roll back. */
  looks: z.number().int().min(1).max(60).default(3),
});
export type ServerMeasure = z.infer<typeof serverMeasureSchema>;

/**
 * The monitoring. Measures of the servers are asked of it; so are the counts of both arms where it says how, otherwise
 * they are the target's own.
 */
const metricsSchema = z.union([
  z.strictObject({
    /** The address of anything that answers Prometheus's HTTP API; the account comes from the environment. */
    prometheus: z.string().min(1).max(2000),
    /** The newest values still come in for so long. */
    delay: durationSchema.default('15s'),
    /** PromQL for each count within one look: `$arm`, `$server`, `$digest` name the arm, `$interval` its length. */
    requests: query.optional(),
    errors: query.optional(),
    /** PromQL of the buckets of a histogram in seconds within one look, by `le`; needed to compare latency. */
    latency: query.optional(),
  }),
  z.strictObject({ cloudwatch: z.strictObject({ region: z.string().max(50).optional() }) }),
  z.strictObject({
    /** Asked for each arm at each look with ARM, SERVER, DIGEST, START, END and SLOWER_THAN_MS; prints JSON. */
    command: z.string().min(1).max(10_000),
  }),
]);

/** What a challenger must show before it gets any traffic. */
const beforeTrafficSchema = z.strictObject({
  /** JSON Lines of `{request, response}`: what it must answer. */
  smoke: z.strictObject({ file: z.string().min(1), tolerance: z.number().min(0).default(1e-6) }).optional(),
  /** Requests at a steady rate, whether earlier ones were answered or not. */
  load: z
    .strictObject({
      rate: z.number().gt(0).max(5000),
      duration: durationSchema.default('30s'),
      max_error_rate: z.number().min(0).lt(1).default(0),
      /** Of the challenger alone. */
      p95: durationSchema.optional(),
    })
    .optional(),
  /** Whether requests are accepted and answered in the same shape as by the champion. */
  same_schema: z.boolean().default(true),
});

const rolloutShape = z.strictObject({
  version: z.literal(1),
  strategy: z.enum(ROLLOUT_STRATEGIES).default('canary'),
  /** Of a canary. */
  steps: z.array(stepSchema).min(1).max(50).optional(),
  /** Of a linear rollout: per cent by which the weight grows, each time after `bake`. */
  increment: z.number().gt(0).max(50).optional(),
  bake: durationSchema.optional(),
  /** Of blue-green, shadow and all-at-once: how long the challenger is watched at least. */
  watch: durationSchema.optional(),
  analysis: analysisSchema.default(analysisSchema.parse({})),
  errors: errorsSchema.default(errorsSchema.parse({})),
  latency: latencySchema.optional(),
  predictions: predictionsSchema.optional(),
  servers: z.array(serverMeasureSchema).max(20).optional(),
  metrics: metricsSchema.optional(),
  before: beforeTrafficSchema.optional(),
});

/** Which keys say how a strategy goes: those it needs; all others of them mean nothing to it. */
const STRATEGY_KEYS = {
  canary: ['steps'],
  linear: ['increment', 'bake'],
  'blue-green': ['watch'],
  shadow: ['watch'],
  'all-at-once': ['watch'],
} as const;

export const rolloutSchema = rolloutShape.superRefine((rollout, context) => {
  const { strategy, steps, errors, latency, metrics, servers } = rollout;
  const say = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  const needed: readonly string[] = STRATEGY_KEYS[strategy];
  for (const key of ['steps', 'increment', 'bake', 'watch'] as const) {
    const isNeeded = needed.includes(key);
    if (isNeeded && rollout[key] === undefined) say([key], `is needed by the strategy ${strategy}`);
    if (!isNeeded && rollout[key] !== undefined)
      say([key], `means nothing to the strategy ${strategy}; it has ${needed.join(' and ')}`);
  }
  steps?.forEach((step, index) => {
    if (index > 0 && step.weight <= steps[index - 1]!.weight)
      say(['steps', index, 'weight'], 'each step must have a larger weight than the one before');
  });
  if (metrics && 'prometheus' in metrics) {
    if ((metrics.requests === undefined) !== (metrics.errors === undefined))
      say(['metrics'], 'needs requests and errors, both or neither');
    if (metrics.latency !== undefined && metrics.requests === undefined)
      say(['metrics', 'latency'], 'needs requests and errors beside it');
  }
  servers?.forEach((measure, index) => {
    const kind = !metrics || 'command' in metrics ? undefined : 'prometheus' in metrics ? 'query' : 'metric';
    if (!kind) say(['servers', index], 'needs a source of Prometheus or CloudWatch under metrics');
    else if (measure[kind] === undefined)
      say(['servers', index], `needs ${kind}, since that is what the source under metrics is asked`);
    if (measure.max === undefined && measure.min === undefined) say(['servers', index], 'needs max or min');
  });
  // With all traffic at the challenger there is nothing to compare it with in the same minutes.
  const isAlone = strategy === 'blue-green' || strategy === 'all-at-once';
  if (isAlone && errors.ceiling === undefined)
    say(['errors', 'ceiling'], `is needed by the strategy ${strategy}: there is no champion to compare with`);
  if (isAlone && latency && latency.ceiling === undefined)
    say(
      ['latency', 'ceiling'],
      `is needed by the strategy ${strategy}: there is no champion to compare with`,
    );
  if (errors.floor !== undefined && errors.ceiling !== undefined && errors.floor >= errors.ceiling) {
    say(
      ['errors', 'floor'],
      `is not below the ceiling (${errors.ceiling}); under the floor nothing is rolled back`,
    );
  }
});
export type Rollout = z.infer<typeof rolloutSchema>;
export type RolloutStrategy = Rollout['strategy'];

/** What is rolled out when no file is given: the example of the documentation, errors only. */
export const DEFAULT_ROLLOUT: Rollout = rolloutSchema.parse({
  version: 1,
  steps: [
    { weight: 10, bake: '5m' },
    { weight: 50, bake: '5m' },
  ],
});

/** Milliseconds of a duration that the schema has let pass. */
export const rolloutMilliseconds = durationMilliseconds;

const NAMES_ARM = /\$(arm|server|digest)\b/;

/** Beside what records and rollouts under way must be: both arms, asked in the same words, would have the same counts. */
const rolloutFileSchema = rolloutSchema.superRefine(({ strategy, metrics }, context) => {
  // With all traffic at the challenger all requests are its own.
  if (strategy === 'blue-green' || strategy === 'all-at-once' || !metrics || !('prometheus' in metrics))
    return;
  for (const key of ['requests', 'errors', 'latency'] as const) {
    if (metrics[key] === undefined || NAMES_ARM.test(metrics[key])) continue;
    const message =
      'must tell the arms apart by $arm, $server or $digest; without it both have the same counts';
    context.addIssue({ code: 'custom', path: ['metrics', key], message });
  }
});

/** Reads a rollout file. @throws UserError for anything the schema refuses. */
export function readRollout(file: string): Promise<PositionedDocument<Rollout>> {
  return readYamlDocument(file, rolloutFileSchema);
}
