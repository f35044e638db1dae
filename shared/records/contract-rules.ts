/**
 * The rules that a data contract writes as `{type: custom, engine: mlops-actions, implementation: {<rule>: <parameters>}}`:
 * what the standard has no words for. Bounds are the standard's operators inside the parameters; a lower and an upper
 * one together make an interval that is open at one end or both. `columns` and `column` name properties of the contract.
 */
import * as z from 'zod';
import { historySchema } from './contract-history.ts';
import { literal, numberOperators, operatorProblem, operatorsOf } from './contract-operators.ts';
import { nearest } from './nearest.ts';
import { PERSONAL_KINDS } from './personal-kinds.ts';

/** The engine whose custom rules are these. */
export const OWN_ENGINE = 'mlops-actions';

const name = z.string().min(1);
const names = z.array(name).min(1);
const share = z.number().min(0).max(1);

type Shape = Record<string, z.ZodType>;

/** Parameters with operators, of which one is needed. */
function bounded<Rest extends Shape>(rest: Rest) {
  return z.strictObject({ ...rest, ...numberOperators }).superRefine((given, context) => {
    const operators = operatorsOf(given);
    const problem = operatorProblem(operators);
    if (problem) context.addIssue({ code: 'custom', path: [problem.operator], message: problem.message });
    if (operators.length === 0)
      context.addIssue({ code: 'custom', path: [], message: 'needs an operator, such as mustBe: 0' });
  });
}

/** Parameters with a bound on how many rows break the rule, or what percentage of them: none where it is left out. */
function counted<Rest extends Shape>(rest: Rest) {
  return z
    .strictObject({ ...rest, ...numberOperators, unit: z.enum(['rows', 'percent']).optional() })
    .superRefine((given, context) => {
      const operators = operatorsOf(given);
      const problem = operatorProblem(operators);
      if (problem) context.addIssue({ code: 'custom', path: [problem.operator], message: problem.message });
      if (operators.length === 0 && 'unit' in given)
        context.addIssue({ code: 'custom', path: ['unit'], message: 'a unit needs an operator beside it' });
    });
}

/** Statistics of one column. */
export const STATISTICS = [
  'mean',
  'median',
  'standardDeviation',
  'sum',
  'minimum',
  'maximum',
  'quantile',
  'skewness',
  'kurtosis',
  'entropy',
  'distinctCount',
  'distinctShare',
  'uniqueShare',
  'nullShare',
  'averageLength',
] as const;
export type Statistic = (typeof STATISTICS)[number];

const JSON_TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array'] as const;

const statisticSchema = bounded({ of: z.enum(STATISTICS), quantile: share.optional() }).superRefine(
  (given, context) => {
    const wanted = given.of === 'quantile';
    if (wanted === (given.quantile !== undefined)) return;
    const message = wanted ? 'needs quantile, a share such as 0.95' : `has no meaning for ${given.of}`;
    context.addIssue({ code: 'custom', path: wanted ? [] : ['quantile'], message });
  },
);

/** Another data set: a path, a glob, or `reference`, which is what the input of that name gives. */
const other = name;
const largest = share.optional();

/** Each rule's parameters. */
export const ownRuleSchemas = {
  columns: z.strictObject({
    set: z.enum(['exact', 'subset', 'superset']),
    ordered: z.boolean().optional(),
    /** In place of the contract's properties. */
    names: names.optional(),
  }),
  columnCount: bounded({}),
  mixedTypes: counted({}),
  disguisedNulls: counted({
    values: z
      .array(z.union([z.string(), z.number()]))
      .min(1)
      .optional(),
  }),
  nullsTogether: counted({ columns: z.array(name).min(2) }),
  atLeastOne: counted({ columns: z.array(name).min(2) }),
  statistic: statisticSchema,
  zScore: counted({ max: z.number().gt(0) }),
  outliers: counted({
    method: z.enum(['iqr', 'zScore', 'medianDeviation']),
    factor: z.number().gt(0).optional(),
  }),
  increasing: counted({ strictly: z.boolean().optional(), groupBy: names.optional() }),
  decreasing: counted({ strictly: z.boolean().optional(), groupBy: names.optional() }),
  dateFormat: counted({ pattern: name }),
  json: counted({ required: names.optional(), properties: z.record(name, z.enum(JSON_TYPES)).optional() }),
  mostCommonValue: z.strictObject({ values: z.array(literal).min(1) }),
  valueSet: z.strictObject({
    values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
    set: z.enum(['exact', 'subset', 'superset']),
  }),
  correlation: bounded({
    columns: z.array(name).length(2),
    method: z.enum(['pearson', 'spearman', 'cramersV']),
  }),
  sum: counted({
    columns: names,
    equals: z.union([z.number(), name]),
    tolerance: z.number().min(0).optional(),
  }),
  foreignKey: counted({ columns: names.optional(), data: other, references: names }),
  nearConstant: z.strictObject({ maxShare: share.optional() }),
  duplicateColumns: z.strictObject({ columns: z.array(name).min(2).optional() }),
  classBalance: z.strictObject({ label: name, minShare: share }),
  conflictingLabels: counted({ label: name, features: names.optional() }),
  overlap: counted({ with: other, columns: names.optional() }),
  timeLeakage: counted({ column: name, with: other }),
  indexLeakage: z.strictObject({ column: name.optional(), label: name, max: largest }),
  targetLeakage: z.strictObject({ label: name, columns: names.optional(), max: largest }),
  labelCorrelationChange: z.strictObject({
    label: name,
    with: other,
    columns: names.optional(),
    max: largest,
  }),
  newCategories: counted({ with: other }),
  servingSkew: z.strictObject({
    with: other,
    join: names.optional(),
    columns: names.optional(),
    max: largest,
  }),
  personalData: counted({
    kinds: z.array(z.enum(PERSONAL_KINDS)).min(1).optional(),
    allowed: names.optional(),
  }),
  history: historySchema,
};
export type OwnRuleName = keyof typeof ownRuleSchemas;
export type OwnRuleParameters<Name extends OwnRuleName> = z.infer<(typeof ownRuleSchemas)[Name]>;
export const OWN_RULES = Object.keys(ownRuleSchemas) as OwnRuleName[];

/** Where a rule may stand: under a property, on the object itself, or both. */
export const OWN_RULE_PLACES: Readonly<Record<OwnRuleName, 'property' | 'object' | 'both'>> = {
  columns: 'object',
  columnCount: 'object',
  mixedTypes: 'property',
  disguisedNulls: 'both',
  nullsTogether: 'object',
  atLeastOne: 'object',
  statistic: 'property',
  zScore: 'property',
  outliers: 'property',
  increasing: 'property',
  decreasing: 'property',
  dateFormat: 'property',
  json: 'property',
  mostCommonValue: 'property',
  valueSet: 'property',
  correlation: 'object',
  sum: 'object',
  foreignKey: 'both',
  nearConstant: 'both',
  duplicateColumns: 'object',
  classBalance: 'object',
  conflictingLabels: 'object',
  overlap: 'object',
  timeLeakage: 'object',
  indexLeakage: 'object',
  targetLeakage: 'object',
  labelCorrelationChange: 'object',
  newCategories: 'both',
  servingSkew: 'object',
  personalData: 'both',
  history: 'both',
};

export interface OwnRuleProblem {
  /** Below `implementation`. */
  path: PropertyKey[];
  message: string;
  fix: string;
}

/** The one rule that an implementation names. */
export function ownRuleName(implementation: unknown): OwnRuleName | undefined {
  if (typeof implementation !== 'object' || implementation === null) return undefined;
  const keys = Object.keys(implementation);
  return keys.length === 1 ? OWN_RULES.find((rule) => rule === keys[0]) : undefined;
}

/** What is wrong with the implementation of a rule of ours; undefined where nothing is. */
export function ownRuleProblem(implementation: unknown): OwnRuleProblem | undefined {
  const keys = typeof implementation === 'string' ? [implementation] : Object.keys(Object(implementation));
  const fix = `Its rules are: ${OWN_RULES.join(', ')}.`;
  if (keys.length !== 1) {
    return { path: keys.slice(1, 2), message: `names ${keys.length} rules, and one is needed`, fix };
  }
  const [key] = keys as [string];
  const rule = OWN_RULES.find((known) => known === key);
  if (rule === undefined) {
    const message = `the engine ${OWN_ENGINE} has no rule "${key}"`;
    if (key === 'drift') return { path: [key], message, fix: 'Drift is judged by the action drift-check.' };
    const guess = nearest(key, OWN_RULES);
    const other = 'Row-wise rules are written as type: sql with an expression.';
    return { path: [key], message, fix: guess ? `Did you mean "${guess}"?` : `${fix} ${other}` };
  }
  if (typeof implementation === 'string') {
    return { path: [], message: `the rule ${rule} needs parameters`, fix: `Write ${rule}: {…}.` };
  }
  const schema: z.ZodType = ownRuleSchemas[rule];
  const parsed = schema.safeParse((implementation as Record<string, unknown>)[rule]);
  if (parsed.success) return undefined;
  // A misspelt key also leaves its rightful name missing: the misspelling is the better message.
  const issues = parsed.error.issues;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  const known = Object.keys(ownRuleSchemas[rule].shape);
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys[0]!;
    const guess = nearest(unknown, known);
    const message = `the rule ${rule} has no key "${unknown}"`;
    const all = known.length > 0 ? `Its keys are: ${known.join(', ')}.` : 'It has no keys.';
    return { path: [rule, unknown], message, fix: guess ? `Did you mean "${guess}"?` : all };
  }
  const path = [rule, ...issue.path];
  const message = `the rule ${rule}: ${issue.message}`;
  if (issue.code !== 'invalid_value') return { path, message, fix: '' };
  const found = path.reduce<unknown>((value, part) => Object(value)[part], implementation);
  const values = issue.values.map(String);
  const guess = nearest(String(found), values);
  return { path, message, fix: guess ? `Did you mean "${guess}"?` : `One of: ${values.join(', ')}.` };
}
