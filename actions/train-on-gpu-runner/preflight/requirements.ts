import * as z from 'zod';
import { UserError } from '../../../shared/errors.ts';
import { parseYamlDocument } from '../../../shared/records/document.ts';
import { parseSize } from '../../../shared/runtime/fields.ts';

/** What a training asks of the machine: the input `requires`. */

const sizeSchema = z.union([z.string(), z.number()]).transform((value, context) => {
  try {
    return typeof value === 'number' ? value : parseSize(value.trim());
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

export interface VersionRange {
  /** As it was written. */
  text: string;
  conditions: { operator: string; version: number[] }[];
}

const rangeSchema = z.union([z.string(), z.number()]).transform((value, context): VersionRange => {
  const text = String(value).trim();
  const conditions = text.split(/[\s,]+(?=[<>=!])/).map((part) => {
    const match = /^(>=|<=|>|<|==|=|)\s*(\d+(?:\.\d+)*)$/.exec(part.trim());
    return match && { operator: match[1] || '>=', version: match[2]!.split('.').map(Number) };
  });
  if (conditions.some((condition) => !condition)) {
    context.addIssue({ code: 'custom', message: `"${text}" is not a version; write it like ">=12.1"` });
    return z.NEVER;
  }
  return { text, conditions: conditions.filter((condition) => condition !== null) };
});

const requiresSchema = z.strictObject({
  gpus: z.number().int().nonnegative().optional(),
  /** Bytes, of each GPU. */
  'gpu-memory': sizeSchema.optional(),
  driver: rangeSchema.optional(),
  cuda: rangeSchema.optional(),
  /** Bytes. */
  memory: sizeSchema.optional(),
  disk: sizeSchema.optional(),
  python: rangeSchema.optional(),
});
export type Requirements = z.infer<typeof requiresSchema>;

/** Reads the input `requires`. @throws UserError when it is no map of these words. */
export async function readRequirements(text: string | undefined): Promise<Requirements> {
  if (text === undefined) return {};
  try {
    return (await parseYamlDocument(text, 'requires', requiresSchema)).value;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { line, key } = error.where;
    throw new UserError(error.message, {
      where: { key: ['requires', key].filter(Boolean).join('.'), line },
      fix: error.fix || 'Write it like "gpus: 1" and "gpu-memory: 24GiB", one on each line.',
      cause: error,
    });
  }
}

/**
 * Whether a version lies in the range. Parts that the range does not name do not count: 12.4.1 is `==12.4`.
 * Undefined when the text holds no version.
 */
export function isInRange(text: string, range: VersionRange): boolean | undefined {
  const found = /\d+(?:\.\d+)*/.exec(text)?.[0].split('.').map(Number);
  if (!found) return undefined;
  return range.conditions.every(({ operator, version }) => {
    const order = version.reduce((sign, part, index) => sign || Math.sign((found[index] ?? 0) - part), 0);
    if (operator === '>=') return order >= 0;
    if (operator === '<=') return order <= 0;
    if (operator === '>') return order > 0;
    if (operator === '<') return order < 0;
    return order === 0;
  });
}
