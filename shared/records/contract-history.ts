/** The parameters of the rule `history`: a number of this run against the same number of earlier ones. */
import * as z from 'zod';
import { QUANTILE_SHARES } from './data-profile.ts';

/** Numbers that every DataProfile has, of the table or of a column. */
export const HISTORY_STATISTICS = [
  'rowCount',
  'nullShare',
  'distinctCount',
  'distinctShare',
  'valueShare',
  'mean',
  'standardDeviation',
  'minimum',
  'maximum',
  'median',
  'quantile',
] as const;

const CHANGES = ['relativeChange', 'absoluteChange'] as const;
export const HISTORY_METHODS = [...CHANGES, 'threeSigma', 'seasonal'] as const;
export type HistoryMethod = (typeof HISTORY_METHODS)[number];

/** A season of more steps needs more runs than are ever kept, and minutes to fit. */
const LONGEST_PERIOD = 53;

const count = z.number().int().min(1);
const amount = z.number().min(0);

/** Which methods a parameter is of; the others refuse it. */
const METHODS_OF: Record<string, readonly HistoryMethod[]> = {
  maxDecrease: CHANGES,
  maxIncrease: CHANGES,
  last: [...CHANGES, 'threeSigma'],
  direction: ['threeSigma', 'seasonal'],
  tolerance: ['threeSigma', 'seasonal'],
  every: ['seasonal'],
  period: ['seasonal'],
};

export const historySchema = z
  .strictObject({
    of: z.enum(HISTORY_STATISTICS),
    /** Of `quantile`: one of the shares that profiles keep. */
    quantile: z.literal(QUANTILE_SHARES).optional(),
    /** Of `valueShare`: the value whose share of the column's values is judged. */
    value: z.union([z.string(), z.number(), z.boolean()]).optional(),
    method: z.enum(HISTORY_METHODS),
    /** A share of the earlier value for relativeChange, an amount for absoluteChange. */
    maxDecrease: amount.optional(),
    maxIncrease: amount.optional(),
    /** Only movements in this direction are looked at. */
    direction: z.enum(['decrease', 'increase']).optional(),
    /** A distance from what is expected that is always allowed, in units of the statistic. */
    tolerance: amount.optional(),
    /** How many of the newest earlier runs are looked at. */
    last: count.optional(),
    /** Of fewer earlier runs the rule is not judged. */
    least: count.optional(),
    /** Time from one run to the next, e.g. 1d. */
    every: z
      .string()
      .regex(/^\d*[1-9]\d*(\.\d+)?[mhd]$/, 'is a duration such as 1h, 1d or 7d')
      .optional(),
    /** Runs after which the season begins again. */
    period: z.number().int().min(2).max(LONGEST_PERIOD).optional(),
    /** Earlier runs before this date do not count, e.g. since the data changed on purpose. */
    since: z.union([z.iso.date(), z.iso.datetime()]).optional(),
    /** What becomes of the rule where too few earlier runs are there; pass where it is left out. */
    onMissing: z.enum(['pass', 'warn', 'fail']).optional(),
  })
  .superRefine((given, context) => {
    const refuse = (message: string, ...path: string[]): void =>
      context.addIssue({ code: 'custom', path, message });
    for (const [key, of] of [
      ['quantile', 'quantile'],
      ['value', 'valueShare'],
    ] as const) {
      if (given.of === of && given[key] === undefined) refuse(`${of} needs ${key}`);
      if (given.of !== of && given[key] !== undefined) refuse(`has no meaning for ${given.of}`, key);
    }
    for (const [key, methods] of Object.entries(METHODS_OF)) {
      const isGiven = given[key as keyof typeof given] !== undefined;
      if (isGiven && !methods.includes(given.method)) refuse(`has no meaning for ${given.method}`, key);
    }
    const isChange = given.method === 'relativeChange' || given.method === 'absoluteChange';
    if (isChange && given.maxDecrease === undefined && given.maxIncrease === undefined)
      refuse(`${given.method} needs maxDecrease, maxIncrease, or both`);
    if (given.method === 'seasonal') {
      if (given.every === undefined) refuse('seasonal needs every, the time between runs, such as 1d');
      if (given.period === undefined) refuse('seasonal needs period, the runs of a season, such as 7');
    }
    if (given.last !== undefined && given.least !== undefined && given.least > given.last)
      refuse('is more than last', 'least');
  });
export type HistoryParameters = z.infer<typeof historySchema>;
