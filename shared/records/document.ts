/** Reads what a person wrote (contract, policies, rollout): YAML, held to a schema, errors with line and column. */
import { readFile } from 'node:fs/promises';
import type { LineCounter, Document as YamlDocument } from 'yaml';
import type * as z from 'zod';
import { type ErrorLocation, UserError } from '../errors.ts';
import { nearest } from './nearest.ts';

/** Where a key of a document stands, for errors. */
export type Locate = (path: readonly PropertyKey[]) => ErrorLocation;

export interface PositionedDocument<Value> {
  value: Value;
  file: string;
  text: string;
  /** Position of a key path such as ['schema', 0, 'name']; of its nearest existing parent when it is absent. */
  locate(path: readonly PropertyKey[]): { file: string; line: number; column: number; key: string };
}

/** Aliases that expand without end are how a small YAML file fills the memory. */
const MAX_ALIASES = 100;
const MAX_BYTES = 5_000_000;

/**
 * Reads a YAML (or JSON) file and holds it to a schema.
 * @throws UserError for a missing file, broken YAML, or the first place that breaks the schema.
 */
export async function readYamlDocument<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<PositionedDocument<z.infer<Schema>>> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(
      `The file ${file} could not be read: ${cause.code === 'ENOENT' ? 'there is none' : cause.message}.`,
      {
        where: { file },
        fix: 'Check the path; it is relative to the working directory.',
        cause,
      },
    );
  });
  return parseYamlDocument(text, file, schema);
}

/** As `readYamlDocument`, on text that is already in memory; `file` is the name shown in errors. */
export async function parseYamlDocument<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
): Promise<PositionedDocument<z.infer<Schema>>> {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new UserError(`${file} is larger than ${MAX_BYTES / 1e6} MB.`, { where: { file } });
  }
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2' });
  const broken = document.errors[0];
  if (broken) {
    const at = lines.linePos(broken.pos[0]);
    throw new UserError(`${file} is not valid YAML: ${broken.message.split('\n')[0]}`, {
      where: { file, line: at.line, column: at.col },
      fix: 'Correct the syntax at this place.',
    });
  }
  const locate = (path: readonly PropertyKey[]) => locateIn(document, lines, file, path);
  const raw: unknown = toValue(document, file);
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw schemaError(parsed.error, schema, raw, locate);
  return { value: parsed.data, file, text, locate };
}

function toValue(document: YamlDocument, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw new UserError(`${file} uses aliases that expand too far.`, { where: { file }, cause });
  }
}

function locateIn(document: YamlDocument, lines: LineCounter, file: string, path: readonly PropertyKey[]) {
  const key = formatPath(path);
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = (node as { range?: [number, number, number] } | null | undefined)?.range;
    if (range) {
      const at = lines.linePos(range[0]);
      return { file, line: at.line, column: at.col, key };
    }
  }
  return { file, line: 1, column: 1, key };
}

/** `schema[0].properties[2].name` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part),
    '',
  );
}

function schemaError(
  error: z.ZodError,
  schema: z.ZodType,
  raw: unknown,
  locate: PositionedDocument<unknown>['locate'],
): UserError {
  const issue = deepestIssue(error.issues);
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys[0] ?? '';
    const known = knownKeys(schema, issue.path);
    const suggestion = nearest(unknown, known);
    return new UserError(
      `Unknown key "${unknown}"${issue.path.length ? ` in ${formatPath(issue.path)}` : ''}.`,
      {
        where: locate([...issue.path, unknown]),
        fix: suggestion
          ? `Did you mean "${suggestion}"?`
          : known.length
            ? `Known keys: ${known.join(', ')}.`
            : 'Remove it.',
      },
    );
  }
  const found = issue.path.reduce<unknown>(
    (value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part],
    raw,
  );
  const allowed = issue.values?.map(String) ?? [];
  const suggestion = typeof found === 'string' ? nearest(found, allowed) : undefined;
  const shown = found === undefined ? 'nothing is given' : `${JSON.stringify(found)?.slice(0, 80)} is given`;
  return new UserError(`${formatPath(issue.path) || 'The document'}: ${issue.message} (${shown}).`, {
    where: locate(issue.path),
    fix: suggestion
      ? `Did you mean "${suggestion}"?`
      : allowed.length
        ? `One of: ${allowed.join(', ')}.`
        : (issue.fix ?? ''),
  });
}

interface FlatIssue {
  code: string;
  path: PropertyKey[];
  message: string;
  keys: string[];
  values?: readonly unknown[];
  /** How to mend it, where a schema's own refinement says so. */
  fix?: string;
}

/** Of a union's many complaints the one that got furthest is the one the writer meant. */
function deepestIssue(issues: readonly z.core.$ZodIssue[], prefix: readonly PropertyKey[] = []): FlatIssue {
  const flat = issues.flatMap((issue): FlatIssue[] => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      return issue.errors.filter((branch) => branch.length > 0).map((branch) => deepestIssue(branch, path));
    }
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const values = issue.code === 'invalid_value' ? issue.values : undefined;
    const fix =
      issue.code === 'custom' && typeof issue.params?.fix === 'string' ? issue.params.fix : undefined;
    return [{ code: issue.code, path, message: issue.message, keys, values, fix }];
  });
  // A misspelt key also leaves its rightful name missing: the misspelling is the better message.
  const depth = (issue: FlatIssue) => issue.path.length + (issue.keys.length > 0 ? 1.5 : 0);
  return flat.reduce((best, issue) => (depth(issue) > depth(best) ? issue : best), flat[0]!);
}

interface SchemaDefinition {
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  valueType?: z.ZodType;
  innerType?: z.ZodType;
  in?: z.ZodType;
  options?: z.ZodType[];
}

/** The keys that the schema allows at a path; of a union, those of every branch that has the path. */
function knownKeys(schema: z.ZodType | undefined, path: readonly PropertyKey[]): string[] {
  if (!schema) return [];
  const definition = schema._zod.def as unknown as SchemaDefinition;
  const inner = definition.innerType ?? definition.in;
  if (inner) return knownKeys(inner, path);
  if (definition.options)
    return [...new Set(definition.options.flatMap((option) => knownKeys(option, path)))];
  const [head, ...rest] = path;
  if (head === undefined) return Object.keys(definition.shape ?? {});
  return knownKeys(definition.shape?.[String(head)] ?? definition.element ?? definition.valueType, rest);
}
