/** How CSV files are written, in the words of Frictionless' CSV dialect, as the input `dialect` gives it. */
import * as z from 'zod';
import { UserError } from '../errors.ts';
import { nearest } from '../records/nearest.ts';

const oneCharacter = z.string().refine((text) => [...text].length === 1, 'must be one character');
const absent = z.literal('').transform(() => null);

const dialectSchema = z.strictObject({
  delimiter: z
    .string()
    .refine((text) => text.length >= 1 && text.length <= 4, 'must be one to four characters')
    .optional(),
  /** Null or an empty text where nothing is quoted. */
  quoteChar: z.union([oneCharacter, absent, z.null()]).optional(),
  /** Whether a quotation mark inside quotes is written twice. */
  doubleQuote: z.boolean().optional(),
  escapeChar: oneCharacter.optional(),
  /** Whether the first line names the columns; without, they are field1, field2 …, as Frictionless calls them. */
  header: z.boolean().optional(),
  /** Lines that begin so are no rows. */
  commentChar: oneCharacter.optional(),
  /** What stands for no value, beside an empty field. */
  nullSequence: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  decimalChar: z.enum(['.', ',']).optional(),
  groupChar: z.enum(['.', ',']).optional(),
  /** A label of the Encoding Standard, e.g. `utf-8`, `utf-16le`, `latin-1`, `windows-1252`. */
  encoding: z.string().optional(),
});

export type CsvDialect = z.infer<typeof dialectSchema>;

const EXAMPLE = 'Write e.g. {delimiter: ";", decimalChar: ",", encoding: latin-1}.';

/**
 * Reads the input `dialect`: a YAML (or JSON) map.
 * @throws UserError for anything that is no such map; an unknown word is answered with the nearest known one.
 */
export async function parseDialect(text: string): Promise<CsvDialect> {
  const where = { key: 'inputs.dialect' };
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { uniqueKeys: true });
  const [mistake] = document.errors;
  if (mistake)
    throw new UserError(`dialect is no map: ${mistake.message.split('\n')[0]}`, { where, fix: EXAMPLE });
  const parsed = dialectSchema.safeParse(document.toJS());
  if (parsed.success) return checked(parsed.data, where);
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const known = Object.keys(dialectSchema.shape);
    const guess = nearest(issue.keys[0] ?? '', known);
    throw new UserError(`dialect has the unknown word ${JSON.stringify(issue.keys[0])}.`, {
      where,
      fix: guess ? `Did you mean ${guess}?` : `Known are ${known.join(', ')}.`,
    });
  }
  const word = issue?.path.join('.');
  throw new UserError(`dialect${word ? `.${word}` : ''}: ${issue?.message ?? 'cannot be read'}.`, {
    where,
    fix: EXAMPLE,
  });
}

function checked(dialect: CsvDialect, where: { key: string }): CsvDialect {
  const { decimalChar, groupChar, delimiter, encoding } = dialect;
  if (groupChar !== undefined && groupChar === (decimalChar ?? '.'))
    throw new UserError('dialect has one character for decimals and for groups of digits.', {
      where,
      fix: 'Give decimalChar and groupChar different characters.',
    });
  if (delimiter !== undefined && /["\r\n]/.test(delimiter))
    throw new UserError('dialect.delimiter may be no quotation mark and no end of a line.', {
      where,
      fix: EXAMPLE,
    });
  if (encoding !== undefined) encodingLabel(encoding);
  return dialect;
}

/** The Encoding Standard's name, e.g. `latin-1` → `windows-1252`, its superset. @throws UserError for an unknown one. */
export function encodingLabel(name: string): string {
  const label = name
    .trim()
    .toLowerCase()
    .replace(/^latin-(\d+)$/, 'latin$1');
  try {
    return new TextDecoder(label).encoding;
  } catch (cause) {
    throw new UserError(`There is no encoding ${JSON.stringify(name)}.`, {
      where: { key: 'inputs.dialect' },
      fix: 'Write e.g. utf-8, utf-16le, latin-1 or windows-1252.',
      ...(cause instanceof Error && { cause }),
    });
  }
}
