/**
 * Text of a person's: no two rows are alike, so that it is judged by how long it is, and by how usual its words are.
 */
import type { DriftPolicy } from '../../../shared/records/drift-policy.ts';
import { type Aspect, type ColumnComparison, compareNulls, compareNumeric } from '../compare-columns.ts';
import type { CategoricalValues, ColumnValues } from '../table.ts';

/** Of the reference's different values so many words on average, and so many values per row, make text. */
const LEAST_WORDS = 4;
const LEAST_DISTINCT_SHARE = 0.5;
const LOOKED_AT = 1000;
const NAMED_WORDS = 10;

/** Words as letters and digits in a row, without case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Whether a column is judged as text: the policy says so, or most of its values are sentences of their own. */
export function isText(name: string, column: ColumnValues, policy: DriftPolicy): boolean {
  const kind = policy.features[name]?.kind;
  if (kind !== undefined || column.kind !== 'categorical')
    return kind === 'text' && column.kind === 'categorical';
  const rows = column.codes.reduce((sum, code) => sum + (code >= 0 ? 1 : 0), 0);
  if (rows === 0 || column.names.length < LEAST_DISTINCT_SHARE * rows) return false;
  const looked = column.names.slice(0, LOOKED_AT);
  return looked.reduce((sum, text) => sum + wordsOf(text).length, 0) >= LEAST_WORDS * looked.length;
}

interface Vocabulary {
  counts: Map<string, number>;
  total: number;
}

/** Every second row of the reference makes the vocabulary, so that the other rows are as foreign to it as new ones. */
function vocabularyOf(column: CategoricalValues): Vocabulary {
  const counts = new Map<string, number>();
  let total = 0;
  for (let row = 0; row < column.codes.length; row += 2) {
    const code = column.codes[row]!;
    if (code < 0) continue;
    for (const word of wordsOf(column.names[code]!)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
      total++;
    }
  }
  return { counts, total };
}

/** Mean surprise of each row's words in nats, with one count added to every word; NaN where there is no word. */
function surprise(
  column: CategoricalValues,
  { counts, total }: Vocabulary,
  first: number,
  step: number,
): Float64Array {
  const size = total + counts.size + 1;
  const ofText = column.names.map((text) => {
    const words = wordsOf(text);
    if (words.length === 0) return Number.NaN;
    return (
      words.reduce((sum, word) => sum - Math.log(((counts.get(word) ?? 0) + 1) / size), 0) / words.length
    );
  });
  return byRow(column, ofText, first, step);
}

function byRow(column: CategoricalValues, ofText: readonly number[], first = 0, step = 1): Float64Array {
  const values = new Float64Array(Math.max(0, Math.ceil((column.codes.length - first) / step)));
  for (let at = 0; at < values.length; at++) {
    const code = column.codes[first + at * step]!;
    values[at] = code < 0 ? Number.NaN : ofText[code]!;
  }
  return values;
}

/** The most frequent words of the data that the whole reference never had, by how many rows have them. */
function unseenWords(
  reference: CategoricalValues,
  data: CategoricalValues,
): { value: string; rows: number }[] {
  const known = new Set(reference.names.flatMap(wordsOf));
  const found = new Map<string, number>();
  for (const code of data.codes) {
    if (code < 0) continue;
    for (const word of new Set(wordsOf(data.names[code]!)))
      if (!known.has(word)) found.set(word, (found.get(word) ?? 0) + 1);
  }
  return [...found]
    .map(([value, rows]) => ({ value, rows }))
    .sort((a, b) => b.rows - a.rows || (a.value < b.value ? -1 : 1));
}

/** Length in characters, and usualness of words, each compared as numbers are; nulls by their share. */
export function compareText(reference: CategoricalValues, data: CategoricalValues): ColumnComparison {
  const numbers = (values: Float64Array) => ({ kind: 'numeric' as const, values });
  const lengths = (column: CategoricalValues) =>
    numbers(
      byRow(
        column,
        column.names.map((text) => [...text].length),
      ),
    );
  const vocabulary = vocabularyOf(reference);
  const length = compareNumeric(lengths(reference), lengths(data));
  const words = compareNumeric(
    numbers(surprise(reference, vocabulary, 1, 2)),
    numbers(surprise(data, vocabulary, 0, 1)),
  );
  const aspects: Aspect[] = [
    ...(length.values ? [{ name: 'length' as const, measure: length.measure, ...length.values }] : []),
    ...(words.values ? [{ name: 'vocabulary' as const, measure: words.measure, ...words.values }] : []),
  ];
  const unseen = unseenWords(reference, data);
  const summary = (column: CategoricalValues) => {
    const nulls = column.codes.reduce((sum, code) => sum + (code < 0 ? 1 : 0), 0);
    const rows = column.codes.length;
    return { rows, nulls, nullShare: rows === 0 ? 0 : nulls / rows, mean: null, deviation: null };
  };
  const { nulls: nullsBefore, ...before } = summary(reference);
  const { nulls: nullsNow, ...now } = summary(data);
  const distinct = (column: CategoricalValues) => new Set(column.codes.filter((code) => code >= 0)).size;
  return {
    aspects,
    nulls: compareNulls(before.rows, nullsBefore, now.rows, nullsNow),
    measure: 'wasserstein',
    reference: { ...before, distinct: distinct(reference) },
    data: { ...now, distinct: distinct(data) },
    unseen: unseen.slice(0, NAMED_WORDS),
    unseenCount: unseen.length,
    note: aspects.length === 0 ? length.note : '',
  };
}
