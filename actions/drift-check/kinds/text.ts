/**
 * Text of a person's: no two rows are alike, so that it is judged by how long it is, and by how usual its words are.
 */
import type { DriftPolicy } from '../../../shared/records/drift-policy.ts';
import { type Aspect, type ColumnComparison, compareNulls, compareNumeric } from '../compare-columns.ts';
import type { CategoricalValues, ColumnValues } from '../table.ts';
import { type Tokens, WordNumbers, wordsOf } from './words.ts';

/** Of the reference's different values so many words on average, and so many values per row, make text. */
const LEAST_WORDS = 4;
const LEAST_DISTINCT_SHARE = 0.5;
const LOOKED_AT = 1000;
const NAMED_WORDS = 10;

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

/**
 * What each word says, in nats, by how often it is in every second row of the reference, so that the other rows are as
 * foreign to the vocabulary as new ones; one count is added to every word.
 */
function surpriseOfWords(
  { codes }: CategoricalValues,
  { words, starts }: Tokens,
  different: number,
): Float64Array {
  const counts = new Float64Array(different);
  let total = 0;
  for (let row = 0; row < codes.length; row += 2) {
    const code = codes[row]!;
    if (code < 0) continue;
    for (let at = starts[code]!; at < starts[code + 1]!; at++) counts[words[at]!]!++;
    total += starts[code + 1]! - starts[code]!;
  }
  const size = total + counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0) + 1;
  return counts.map((count) => -Math.log((count + 1) / size));
}

/** Mean surprise of each text's words; NaN where there is no word. */
function surpriseOfTexts({ words, starts }: Tokens, ofWord: Float64Array): Float64Array {
  const ofText = new Float64Array(starts.length - 1);
  for (let code = 0; code < ofText.length; code++) {
    let sum = 0;
    for (let at = starts[code]!; at < starts[code + 1]!; at++) sum += ofWord[words[at]!]!;
    ofText[code] = sum / (starts[code + 1]! - starts[code]!);
  }
  return ofText;
}

function byRow({ codes }: CategoricalValues, ofText: Float64Array, first = 0, step = 1): Float64Array {
  const values = new Float64Array(Math.max(0, Math.ceil((codes.length - first) / step)));
  for (let at = 0; at < values.length; at++) {
    const code = codes[first + at * step]!;
    values[at] = code < 0 ? Number.NaN : ofText[code]!;
  }
  return values;
}

interface UnseenWords {
  unseen: { value: string; rows: number }[];
  unseenCount: number;
}

/**
 * The most frequent words of the data that the whole reference never had, by how many rows have them.
 * @param known words with smaller numbers are the reference's.
 */
function unseenWords(
  { codes }: CategoricalValues,
  { words, starts }: Tokens,
  known: number,
  numbers: WordNumbers,
): UnseenWords {
  const rows = new Uint32Array(numbers.size - known);
  for (const code of codes) {
    if (code < 0) continue;
    const [first, end] = [starts[code]!, starts[code + 1]!];
    for (let at = first; at < end; at++) {
      const word = words[at]!;
      // A word that a text has twice is in one row.
      if (word >= known && words.indexOf(word, first) === at) rows[word - known]!++;
    }
  }
  const fewest = rows.toSorted().at(-Math.min(NAMED_WORDS, rows.length)) ?? 0;
  const unseen = Array.from(rows.keys())
    .filter((word) => rows[word]! >= Math.max(1, fewest))
    .map((word) => ({ value: numbers.word(known + word), rows: rows[word]! }))
    .sort((a, b) => b.rows - a.rows || (a.value < b.value ? -1 : 1));
  return {
    unseen: unseen.slice(0, NAMED_WORDS),
    unseenCount: rows.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0),
  };
}

/** In characters, of which some are written in two halves. */
function lengthOf(text: string): number {
  return /[\ud800-\udbff]/.test(text) ? [...text].length : text.length;
}

/** Length in characters, and usualness of words, each compared as numbers are; nulls by their share. */
export function compareText(reference: CategoricalValues, data: CategoricalValues): ColumnComparison {
  const asNumbers = (values: Float64Array) => ({ kind: 'numeric' as const, values });
  const lengths = (column: CategoricalValues) =>
    asNumbers(byRow(column, Float64Array.from(column.names, lengthOf)));
  const numbers = new WordNumbers();
  const tokensBefore = numbers.tokenise(reference.names);
  const known = numbers.size;
  const tokensNow = numbers.tokenise(data.names);
  const ofWord = surpriseOfWords(reference, tokensBefore, numbers.size);
  const length = compareNumeric(lengths(reference), lengths(data));
  const words = compareNumeric(
    asNumbers(byRow(reference, surpriseOfTexts(tokensBefore, ofWord), 1, 2)),
    asNumbers(byRow(data, surpriseOfTexts(tokensNow, ofWord))),
  );
  const aspects: Aspect[] = [
    ...(length.values ? [{ name: 'length' as const, measure: length.measure, ...length.values }] : []),
    ...(words.values ? [{ name: 'vocabulary' as const, measure: words.measure, ...words.values }] : []),
  ];
  const summary = (column: CategoricalValues) => {
    const nulls = column.codes.reduce((sum, code) => sum + (code < 0 ? 1 : 0), 0);
    const rows = column.codes.length;
    return { rows, nulls, nullShare: rows === 0 ? 0 : nulls / rows, mean: null, deviation: null };
  };
  const { nulls: nullsBefore, ...before } = summary(reference);
  const { nulls: nullsNow, ...now } = summary(data);
  const distinct = ({ codes, names }: CategoricalValues) => {
    const seen = new Uint8Array(names.length);
    for (const code of codes) if (code >= 0) seen[code] = 1;
    return seen.reduce((sum, one) => sum + one, 0);
  };
  return {
    aspects,
    nulls: compareNulls(before.rows, nullsBefore, now.rows, nullsNow),
    measure: 'wasserstein',
    reference: { ...before, distinct: distinct(reference) },
    data: { ...now, distinct: distinct(data) },
    ...unseenWords(data, tokensNow, known, numbers),
    note: aspects.length === 0 ? length.note : '',
  };
}
