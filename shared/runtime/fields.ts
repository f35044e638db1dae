/**
 * The kinds of input that an action may have. Every value arrives as text (from `INPUT_*` or the command line)
 * and is parsed strictly: what cannot be read is an error, never a default. An empty text counts as not given.
 */
import * as z from 'zod';
import { nearest } from '../records/nearest.ts';

/** What the contract test and `--help` know of a field beside its type. */
export interface FieldMeta {
  required: boolean;
  /** As written in action.yml; an expression of GitHub's there means nothing here and is left out. */
  default: string;
  expression?: string;
}

type Options = { default?: string; optional?: boolean; expression?: string };
type Parsed<Value, Given extends Options> = Given extends { optional: true } ? Value | undefined : Value;

function field<Value, Given extends Options>(given: Given, parse: (text: string) => Value) {
  const meta: FieldMeta = {
    required: given.default === undefined && !given.optional,
    default: given.default ?? '',
    expression: given.expression,
  };
  return z
    .string()
    .optional()
    .transform((raw, context): Parsed<Value, Given> => {
      const text = raw?.trim() || meta.default;
      if (text === '') {
        if (meta.required) context.addIssue({ code: 'custom', message: 'is required and was not given' });
        return (meta.required ? z.NEVER : undefined) as Parsed<Value, Given>;
      }
      try {
        return parse(text) as Parsed<Value, Given>;
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        return z.NEVER;
      }
    })
    .meta({ ...meta });
}

const DURATION_UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_UNITS: Record<string, number> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** `30s`, `5m`, `7d` → milliseconds. @throws Error on anything else. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (!match) throw new Error(`"${text}" is not a duration; write it like 30s, 5m, 2h or 7d`);
  return Number(match[1]) * DURATION_UNITS[match[2]!]!;
}

/** `10MB`, `4GiB` → bytes. @throws Error on anything else. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]i?B|B)$/.exec(text);
  if (!match) throw new Error(`"${text}" is not a size; write it like 10MB or 4GiB`);
  return Math.round(Number(match[1]) * SIZE_UNITS[match[2]!]!);
}

/** `0.02` or `2%` → 0.02. @throws Error outside 0 to 1. */
export function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text);
  const share = match ? Number(match[1]) / (match[2] ? 100 : 1) : Number.NaN;
  if (!(share >= 0 && share <= 1)) throw new Error(`"${text}" is not a share; write it like 0.02 or 2%`);
  return share;
}

function parseNumber(text: string, range: { min?: number; max?: number; integer?: boolean }): number {
  const value = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new Error(`"${text}" is not a number`);
  if (range.integer && !Number.isInteger(value)) throw new Error(`${text} is not a whole number`);
  if (range.min !== undefined && value < range.min)
    throw new Error(`${text} is below the least allowed, ${range.min}`);
  if (range.max !== undefined && value > range.max)
    throw new Error(`${text} is above the most allowed, ${range.max}`);
  return value;
}

function parseChoice<const Choice extends string>(text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  const guess = nearest(text, choices);
  throw new Error(
    `"${text}" is not one of ${choices.join(', ')}${guess ? `; did you mean "${guess}"?` : ''}`,
  );
}

/** Comma or newline separated; empty parts are dropped. */
function parseList(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** `key=value` lines (or `key: value`), in the order written; a repeated key is an error. */
function parseKeyValues(text: string): Record<string, string> {
  const pairs: Record<string, string> = Object.create(null);
  for (const line of text.split('\n').map((part) => part.trim())) {
    if (line === '') continue;
    const match = /^([^=:\s]+)\s*(?:=|:\s)\s*(.*)$/.exec(line);
    if (!match) throw new Error(`"${line}" is not key=value`);
    if (match[1]! in pairs) throw new Error(`the key "${match[1]}" is given twice`);
    pairs[match[1]!] = match[2]!;
  }
  return { ...pairs };
}

export const fields = {
  text: <Given extends Options>(given: Given) => field(given, (text) => text),
  integer: <Given extends Options & { min?: number; max?: number }>(given: Given) =>
    field(given, (text) => parseNumber(text, { ...given, integer: true })),
  number: <Given extends Options & { min?: number; max?: number }>(given: Given) =>
    field(given, (text) => parseNumber(text, given)),
  share: <Given extends Options>(given: Given) => field(given, parseShare),
  /** Milliseconds. */
  duration: <Given extends Options>(given: Given) => field(given, parseDuration),
  /** Bytes. */
  size: <Given extends Options>(given: Given) => field(given, parseSize),
  boolean: <Given extends Options>(given: Given) =>
    field(given, (text) => parseChoice(text, ['true', 'false']) === 'true'),
  choice: <const Choice extends string, Given extends Options>(choices: readonly Choice[], given: Given) =>
    field(given, (text) => parseChoice(text, choices)),
  list: <Given extends Options>(given: Given) => field(given, parseList),
  choices: <const Choice extends string, Given extends Options>(choices: readonly Choice[], given: Given) =>
    field(given, (text) => parseList(text).map((part) => parseChoice(part, choices))),
  keyValues: <Given extends Options>(given: Given) => field(given, parseKeyValues),
  /** Any parser of ours or of a shared library; it throws an Error whose message continues the input's name. */
  parsed: <Value, Given extends Options>(given: Given, parse: (text: string) => Value) => field(given, parse),
};

/** The default and necessity of a field made here. */
export function fieldMeta(schema: z.ZodType): FieldMeta {
  const meta = schema.meta();
  return {
    required: meta?.required === true,
    default: typeof meta?.default === 'string' ? meta.default : '',
    expression: typeof meta?.expression === 'string' ? meta.expression : undefined,
  };
}
