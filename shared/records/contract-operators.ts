/** The operators of the Open Data Contract Standard, by which a rule bounds a number. */
import * as z from 'zod';

export const OPERATORS = [
  'mustBe',
  'mustNotBe',
  'mustBeGreaterThan',
  'mustBeGreaterOrEqualTo',
  'mustBeLessThan',
  'mustBeLessOrEqualTo',
  'mustBeBetween',
  'mustNotBeBetween',
] as const;
export type Operator = (typeof OPERATORS)[number];

export const literal = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Two numbers, both of which belong to the interval. */
export const numberPair = z
  .array(z.number())
  .length(2)
  .refine(([low, high]) => low! <= high!, 'the smaller number comes first');

/** The operators on numbers, each optional. */
export const numberOperators = {
  mustBe: z.number().optional(),
  mustNotBe: z.number().optional(),
  mustBeGreaterThan: z.number().optional(),
  mustBeGreaterOrEqualTo: z.number().optional(),
  mustBeLessThan: z.number().optional(),
  mustBeLessOrEqualTo: z.number().optional(),
  mustBeBetween: numberPair.optional(),
  mustNotBeBetween: numberPair.optional(),
};

/** The operators that a rule gives. */
export function operatorsOf(rule: Partial<Record<Operator, unknown>>): Operator[] {
  return OPERATORS.filter((operator) => rule[operator] !== undefined);
}

const LOWER: readonly Operator[] = ['mustBeGreaterThan', 'mustBeGreaterOrEqualTo'];
const UPPER: readonly Operator[] = ['mustBeLessThan', 'mustBeLessOrEqualTo'];

/** What is wrong with several operators side by side: only a lower and an upper bound make an interval. */
export function operatorProblem(
  operators: readonly Operator[],
): { operator: Operator; message: string } | undefined {
  if (operators.length < 2) return undefined;
  const [first, second] = operators as [Operator, Operator];
  if (operators.length === 2 && LOWER.includes(first) && UPPER.includes(second)) return undefined;
  return { operator: second, message: `is one operator too many beside ${first}` };
}
