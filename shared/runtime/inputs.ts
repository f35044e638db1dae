/** From raw texts to an action's typed inputs, with every mistake named at once. */
import * as z from 'zod';
import { UserError } from '../errors.ts';
import { nameSchema, VERDICTS, type Verdict } from '../records/envelope.ts';
import { nearest } from '../records/nearest.ts';
import { fieldMeta, fields } from './fields.ts';

export type FailOn = readonly Verdict[];

function parseFailOn(text: string): FailOn {
  if (text === 'none') return [];
  return text.split(',').map((part) => {
    const verdict = VERDICTS.find((known) => known === part.trim());
    if (!verdict)
      throw new Error(
        `"${part.trim()}" is not a verdict; give a comma list of ${VERDICTS.join(', ')}, or none`,
      );
    return verdict;
  });
}

function parseName(text: string): string {
  const parsed = nameSchema.safeParse(text);
  if (!parsed.success) throw new Error(`"${text}" is not a model name: ${parsed.error.issues[0]?.message}`);
  return text;
}

/** The inputs that all six actions share. @param failOn the default of `fail-on`. */
export function commonInputs(failOn: string) {
  return {
    name: fields.parsed({}, parseName),
    workingDirectory: fields.text({ default: '.' }),
    records: fields.text({ default: 'mlops-records' }),
    comment: fields.choice(['auto', 'never'], { default: 'auto' }),
    failOn: fields.parsed({ default: failOn }, parseFailOn),
    githubToken: fields.text({ optional: true, expression: '${{ github.token }}' }),
  };
}

/** The common inputs alone, for what can be said when the others are wrong; undefined when they are wrong too. */
export function readCommonInputs(raw: (name: string) => string | undefined): CommonInputs | undefined {
  try {
    return readInputs(z.object(commonInputs('fail')), raw);
  } catch {
    return undefined;
  }
}

export type CommonInputs = z.infer<z.ZodObject<ReturnType<typeof commonInputs>>>;

/** `modelDir` → `model-dir` */
export function inputName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What an operation may use beside the common inputs and `operation` itself. */
export type Operations = Readonly<Record<string, readonly string[]>>;

/**
 * Parses all inputs of an action.
 * @param raw the text of an input by its name in action.yml; undefined or empty when not given.
 * @throws UserError that lists every wrong input.
 */
export function readInputs<Schema extends z.ZodObject>(
  schema: Schema,
  raw: (name: string) => string | undefined,
  operations?: Operations,
): z.infer<Schema> {
  const given: Record<string, string> = {};
  for (const key of Object.keys(schema.shape)) {
    const text = raw(inputName(key));
    if (text !== undefined && text.trim() !== '') given[key] = text;
  }
  const parsed = schema.safeParse(given);
  const mistakes = parsed.success
    ? []
    : parsed.error.issues.map((issue) => {
        const name = inputName(String(issue.path[0]));
        return `Input ${name} ${issue.message.startsWith('is ') ? '' : 'is wrong: '}${issue.message}.`;
      });
  if (parsed.success && operations) mistakes.push(...foreignInputs(schema, given, parsed.data, operations));
  if (mistakes.length > 0 || !parsed.success) {
    throw new UserError(mistakes.join('\n'), {
      fix:
        mistakes.length > 1
          ? 'Correct the inputs named above.'
          : 'Correct this input under "with:" or on the command line.',
    });
  }
  return parsed.data;
}

function foreignInputs(
  schema: z.ZodObject,
  given: Record<string, string>,
  parsed: Record<string, unknown>,
  operations: Operations,
): string[] {
  const operation = String(parsed.operation);
  const allowed = new Set([...Object.keys(commonInputs('')), 'operation', ...(operations[operation] ?? [])]);
  return Object.entries(given)
    .filter(
      ([key, text]) => !allowed.has(key) && text.trim() !== fieldMeta(schema.shape[key] as z.ZodType).default,
    )
    .map(([key]) => `Input ${inputName(key)} has no meaning with operation: ${operation}.`);
}

/** An error for a name that no input has, with the nearest known one. */
export function unknownInput(schema: z.ZodObject, name: string): UserError {
  const names = Object.keys(schema.shape).map(inputName);
  const guess = nearest(name, names);
  return new UserError(`There is no input "${name}".`, {
    fix: guess ? `Did you mean "${guess}"?` : `Inputs: ${names.join(', ')}.`,
  });
}
