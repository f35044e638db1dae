/** The rollout file: the steps of a canary and the rules by which its evidence is judged. */
import * as z from 'zod';
import { UserError } from '../errors.ts';
import { type PositionedDocument, readYamlDocument } from './document.ts';
import { durationMilliseconds, durationSchema } from './duration.ts';

export const ROLLOUT_STRATEGIES = ['canary', 'linear', 'blue-green', 'shadow', 'all-at-once'] as const;

const rateSchema = z.number().gt(0).lt(1);

const stepSchema = z.strictObject({
  /** Per cent of the requests that go to the challenger. 100 is what a promotion makes. */
  weight: z.number().gt(0).lt(100, 'at 100 there is no champion to compare with; promotion makes it 100'),
  /** How long the step lasts at least. */
  bake: durationSchema,
});

const analysisSchema = z.strictObject({
  /** Length of one look. */
  interval: durationSchema.default('1m'),
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
});

export const rolloutSchema = z.strictObject({
  version: z.literal(1),
  strategy: z.enum(ROLLOUT_STRATEGIES).default('canary'),
  steps: z
    .array(stepSchema)
    .min(1)
    .max(50)
    .refine((steps) => steps.every((step, index) => index === 0 || step.weight > steps[index - 1]!.weight), {
      message: 'each step must have a larger weight than the one before',
    }),
  analysis: analysisSchema.default(analysisSchema.parse({})),
  errors: errorsSchema.default(errorsSchema.parse({})),
  latency: latencySchema.optional(),
});
export type Rollout = z.infer<typeof rolloutSchema>;

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

/**
 * Reads a rollout file.
 * @throws UserError for anything the schema refuses, and for strategies that this version does not have.
 */
export async function readRollout(file: string): Promise<PositionedDocument<Rollout>> {
  const document = await readYamlDocument(file, rolloutSchema);
  const { errors, strategy } = document.value;
  if (strategy !== 'canary') {
    throw new UserError(`The strategy ${strategy} is not supported by this version.`, {
      where: document.locate(['strategy']),
      fix: 'Use "strategy: canary".',
    });
  }
  if (errors.floor !== undefined && errors.ceiling !== undefined && errors.floor >= errors.ceiling) {
    throw new UserError(
      `The floor of errors (${errors.floor}) is not below their ceiling (${errors.ceiling}).`,
      {
        where: document.locate(['errors', 'floor']),
        fix: 'Under the floor nothing is rolled back, so it must be the smaller one.',
      },
    );
  }
  return document;
}
