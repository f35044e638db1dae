/** Reads feature importances: JSON (`{"age": 0.3}` or `[{"feature": "age", "importance": 0.3}]`) or CSV. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../../shared/errors.ts';

const HEADER_FEATURE = ['feature', 'name', 'column', 'variable'];
const HEADER_IMPORTANCE = ['importance', 'value', 'weight', 'gain'];

/**
 * Importances by feature as written in a file; signs are dropped, since a coefficient may be negative.
 * @throws UserError when the file cannot be read as either form.
 */
export async function readImportance(file: string): Promise<Map<string, number>> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new UserError(`The importance file ${file} could not be read.`, {
      where: { file, key: 'inputs.importance' },
      fix: 'Give the path of a JSON or CSV file of feature and importance.',
      cause,
    });
  });
  return parseImportance(text, file);
}

/** As `readImportance`, on text in memory. */
export function parseImportance(text: string, file: string): Map<string, number> {
  const content = text.replace(/^\ufeff/, '').trim();
  const pairs = /^[[{]/.test(content) ? fromJson(content, file) : fromCsv(content, file);
  const importance = new Map<string, number>();
  for (const [feature, value] of pairs) {
    if (!Number.isFinite(value))
      throw malformed(file, `the importance of ${JSON.stringify(feature)} is not a number`);
    if (importance.has(feature)) throw malformed(file, `${JSON.stringify(feature)} stands there twice`);
    importance.set(feature, Math.abs(value));
  }
  if (importance.size === 0) throw malformed(file, 'it names no feature');
  return importance;
}

function malformed(file: string, why: string): UserError {
  return new UserError(`The importance file ${file} is not usable: ${why}.`, {
    where: { file },
    fix: 'Write JSON like {"age": 0.3}, or a CSV with the header feature,importance.',
  });
}

function fromJson(content: string, file: string): [string, number][] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    throw malformed(file, 'it is not valid JSON');
  }
  const number = (value: unknown) => (typeof value === 'number' ? value : Number.NaN);
  if (!Array.isArray(parsed)) {
    return Object.entries(parsed as Record<string, unknown>).map(([feature, value]) => [
      feature,
      number(value),
    ]);
  }
  return parsed.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null)
      throw malformed(file, 'its list holds something else than objects');
    const row = new Map(Object.entries(entry).map(([key, value]) => [key.toLowerCase(), value as unknown]));
    const feature = HEADER_FEATURE.map((key) => row.get(key)).find((value) => value !== undefined);
    const value = HEADER_IMPORTANCE.map((key) => row.get(key)).find((found) => found !== undefined);
    if (typeof feature !== 'string') throw malformed(file, 'an entry has no "feature"');
    return [feature, number(value)] satisfies [string, number];
  });
}

function fromCsv(content: string, file: string): [string, number][] {
  const [head = [], ...rows] = content
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(splitLine);
  const names = head.map((name) => name.trim().toLowerCase());
  const feature = names.findIndex((name) => HEADER_FEATURE.includes(name));
  const importance = names.findIndex((name) => HEADER_IMPORTANCE.includes(name));
  if (feature < 0 || importance < 0) throw malformed(file, 'its header lacks feature or importance');
  return rows.map((row) => {
    const text = row[importance]?.trim() ?? '';
    return [row[feature]?.trim() ?? '', text === '' ? Number.NaN : Number(text)];
  });
}

/** One CSV line into cells; quotes may hold commas and doubled quotes. */
function splitLine(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    (match) => match[1]?.replaceAll('""', '"') ?? match[2] ?? '',
  );
}

/** Shares of all importance over the columns that are judged; empty where none of them has any. */
export function normaliseImportance(
  importance: ReadonlyMap<string, number>,
  columns: readonly string[],
): Map<string, number> {
  const total = columns.reduce((sum, name) => sum + (importance.get(name) ?? 0), 0);
  if (!(total > 0)) return new Map();
  return new Map(columns.map((name) => [name, (importance.get(name) ?? 0) / total]));
}
