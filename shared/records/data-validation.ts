/** The DataValidation: every rule of a data contract and what the data say to it. */
import * as z from 'zod';
import { digestSchema, recordSchema } from './envelope.ts';
import { PERSONAL_KINDS } from './personal-kinds.ts';

const count = z.number().int().min(0);

export const CHECK_VERDICTS = ['pass', 'warn', 'fail', 'missing', 'not_judged'] as const;
export const CHECK_SEVERITIES = ['error', 'warning', 'info'] as const;

/** What may be shown of values: nothing, short keyed hashes, or the values themselves. */
export const EXAMPLE_MODES = ['none', 'masked', 'full'] as const;
export type ExampleMode = (typeof EXAMPLE_MODES)[number];

/** A number of this run beside the same number of earlier ones. */
export const checkHistorySchema = z.strictObject({
  /** The oldest first; of many the newest. */
  earlier: z.array(z.strictObject({ at: z.iso.datetime(), value: z.number() })),
  value: z.number(),
  expected: z.number(),
  /** The least and the most that is as expected; null where there is no such limit. */
  lower: z.number().nullable(),
  upper: z.number().nullable(),
});
export type CheckHistory = z.infer<typeof checkHistorySchema>;

export const dataCheckSchema = z.strictObject({
  /** What part of the data: a column, several (of a compound key), or none (of the whole table). */
  columns: z.array(z.string()),
  /** The rule in the contract's words, e.g. `required: true` or `maximum: 1000`. */
  rule: z.string(),
  /** What it asks for or found, in a sentence's words, e.g. `value is null`. */
  problem: z.string(),
  severity: z.enum(CHECK_SEVERITIES),
  /** `missing`: its column is not in the data. `not_judged`: nothing that this action can run. */
  verdict: z.enum(CHECK_VERDICTS),
  /** Rows that break the rule, where the rule is about rows. */
  failing: count.nullable(),
  /** Rows that it was applied to. */
  total: count.nullable(),
  /** What was found where the rule is about a number of the whole table, e.g. a row count; as text. */
  observed: z.string().nullable(),
  /** Up to five examples, each a text such as `row 12: fare = -3`; shortened. */
  examples: z.array(z.string()),
  /** Where the rule stands; null for a comparison with the reference. */
  where: z.strictObject({ file: z.string(), line: z.number().int(), key: z.string() }).nullable(),
  /** Where earlier runs say what was to be expected. */
  history: checkHistorySchema.optional(),
  /** When an earlier run first found the rule broken, where it has been broken in every run since. */
  since: z.iso.datetime().optional(),
});
export type DataCheck = z.infer<typeof dataCheckSchema>;
export type CheckVerdict = (typeof CHECK_VERDICTS)[number];
export type CheckSeverity = (typeof CHECK_SEVERITIES)[number];

export const personalColumnSchema = z.strictObject({
  column: z.string(),
  /** What its values look like. */
  kinds: z.array(z.enum(PERSONAL_KINDS)).min(1),
});
export type PersonalColumn = z.infer<typeof personalColumnSchema>;

export const dataValidationSchema = recordSchema('DataValidation', {
  /** Null when the data were profiled without a contract. */
  contract: z
    .strictObject({
      file: z.string(),
      id: z.string(),
      version: z.string(),
      object: z.string(),
      digest: digestSchema,
    })
    .nullable(),
  rowCount: count,
  rejectedLines: z.strictObject({
    count,
    examples: z.array(z.strictObject({ file: z.string(), line: z.number().int(), message: z.string() })),
  }),
  checks: z.array(dataCheckSchema),
  /** Columns of the data that the contract does not speak of. */
  uncoveredColumns: z.array(z.string()),
  /** Columns whose values look like those of persons, by a sample of the rows: information, no verdict. */
  personalColumns: z.array(personalColumnSchema).optional(),
  /** What may be shown of values in examples; absent in records from before it could be chosen, which show them. */
  exampleMode: z.enum(EXAMPLE_MODES).optional(),
  /** What was found out or done while the data were read, one sentence each: dialect, encoding, partitions. */
  notes: z.array(z.string()).optional(),
  /** How many rules the contract has, where this run suggested it. */
  suggestedRules: count.optional(),
  /** The smallest edit of the contract by which broken rules would hold, where there is one. */
  proposedEdit: z
    .strictObject({
      /** A unified diff, for `git apply`. */
      patch: z.string(),
      /** How many broken rules it would let pass. */
      rules: count,
    })
    .optional(),
});
export type DataValidation = z.infer<typeof dataValidationSchema>;
