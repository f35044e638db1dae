/** The `quality` rules of a data contract: library metrics, SQL, words for people, and rules for other engines. */
import * as z from 'zod';
import { literal, numberOperators, operatorsOf } from './contract-operators.ts';
import { OWN_ENGINE, ownRuleProblem } from './contract-rules.ts';
import { CHECK_SEVERITIES } from './data-validation.ts';

const described = z.unknown().optional();
const text = z.string().optional();
export const LIBRARY_METRICS = [
  'nullValues',
  'missingValues',
  'invalidValues',
  'duplicateValues',
  'rowCount',
] as const;
export type LibraryMetric = (typeof LIBRARY_METRICS)[number];
/** Names that version 3.0 of the standard used in `rule`. */
export const OLDER_RULES = ['duplicateCount', 'validValues', ...LIBRARY_METRICS] as const;

const argumentsSchema = z.strictObject({
  missingValues: z.array(literal).min(1).optional(),
  validValues: z.array(literal).min(1).optional(),
  pattern: text,
  properties: z.array(z.string()).min(1).optional(),
});

export const qualitySchema = z
  .strictObject({
    id: text,
    name: text,
    description: text,
    type: z.enum(['text', 'library', 'sql', 'custom']).optional(),
    dimension: z
      .enum(['accuracy', 'completeness', 'conformity', 'consistency', 'coverage', 'timeliness', 'uniqueness'])
      .optional(),
    metric: z.enum(LIBRARY_METRICS).optional(),
    rule: z.enum(OLDER_RULES).optional(),
    validValues: z.array(literal).min(1).optional(),
    arguments: argumentsSchema.optional(),
    unit: z.enum(['rows', 'percent']).optional(),
    severity: z.enum(CHECK_SEVERITIES).optional(),
    query: z.string().trim().min(1).optional(),
    engine: text,
    implementation: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
    ...numberOperators,
    mustBe: z.union([z.number(), z.boolean(), z.string()]).optional(),
    mustNotBe: z.union([z.number(), z.boolean(), z.string()]).optional(),
    authoritativeDefinitions: described,
    businessImpact: described,
    customProperties: described,
    method: described,
    schedule: described,
    scheduler: described,
    tags: described,
  })
  .superRefine((rule, context) => {
    const problem = qualityProblem(rule);
    if (problem) {
      const { path, message, fix = '' } = problem;
      context.addIssue({ code: 'custom', path, message, params: { fix } });
    }
  });
export type QualityRule = z.infer<typeof qualitySchema>;

/** `library` unless the rule says otherwise or holds only a query. */
export function qualityType(
  rule: Pick<QualityRule, 'type' | 'metric' | 'rule'>,
): NonNullable<QualityRule['type']> {
  return rule.type ?? 'library';
}

/** The metric of a library rule, under its name of version 3.1. */
export function libraryMetric(rule: Pick<QualityRule, 'metric' | 'rule'>): LibraryMetric | undefined {
  if (rule.metric) return rule.metric;
  if (rule.rule === 'duplicateCount') return 'duplicateValues';
  return rule.rule === 'validValues' ? 'invalidValues' : rule.rule;
}

/** A query that is not a SELECT is an expression which every row must satisfy. */
export function isRowExpression(query: string): boolean {
  return !/^(select|with|from)\b/i.test(query);
}

interface QualityProblem {
  path: PropertyKey[];
  message: string;
  fix?: string;
}

function qualityProblem(rule: QualityRule): QualityProblem | undefined {
  const type = qualityType(rule);
  const operators = operatorsOf(rule);
  if (operators.length > 1)
    return { path: [operators[1]!], message: `is one operator too many beside ${operators[0]}` };
  if (type === 'library') {
    if (!libraryMetric(rule)) return { path: [], message: `needs a metric: ${LIBRARY_METRICS.join(', ')}` };
    if (operators.length === 0) return { path: [], message: 'needs an operator, such as mustBe: 0' };
    const limit = rule.mustBe ?? rule.mustNotBe ?? 0;
    if (typeof limit !== 'number')
      return { path: [operators[0]!], message: 'a count is compared with a number' };
  }
  if (type === 'sql') {
    if (!rule.query) return { path: [], message: 'type sql needs a query' };
    if (operators.length === 0 && !isRowExpression(rule.query)) {
      return { path: [], message: 'a SELECT needs an operator, such as mustBe: 0' };
    }
  }
  if (type === 'custom' && (!rule.engine || rule.implementation === undefined)) {
    return { path: [], message: 'type custom needs an engine and an implementation' };
  }
  if (type === 'custom' && rule.engine === OWN_ENGINE) {
    if (operators.length > 0) {
      const fix = `Write ${operators[0]} inside the implementation, beside the rule's other parameters.`;
      return { path: [operators[0]!], message: `a rule of ${OWN_ENGINE} has its bounds inside`, fix };
    }
    const own = ownRuleProblem(rule.implementation);
    if (own) return { ...own, path: ['implementation', ...own.path] };
  }
  return foreignKey(rule, type);
}

function foreignKey(rule: QualityRule, type: string): QualityProblem | undefined {
  const belongs: Record<string, readonly (keyof QualityRule)[]> = {
    library: ['metric', 'rule', 'arguments', 'validValues'],
    sql: ['query'],
    custom: ['engine', 'implementation'],
  };
  for (const [owner, keys] of Object.entries(belongs)) {
    if (owner === type) continue;
    const foreign = keys.find((key) => rule[key] !== undefined);
    if (foreign)
      return { path: [foreign], message: `belongs to type ${owner}, but the type here is ${type}` };
  }
  return undefined;
}
