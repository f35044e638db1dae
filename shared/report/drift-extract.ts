/**
 * What of a DriftCheck a report shows, so that it stays readable and small whatever the data are called and however
 * many columns, chunks and metrics there are. The record keeps everything; what is left out is counted.
 */
import type { DriftCheck, DriftChunk, DriftColumn } from '../records/drift-check.ts';
import { formatNumber } from './numbers.ts';

const NAME_LENGTH = 60;
const SENTENCE_LENGTH = 600;
const VALUE_LENGTH = 40;

/** The beginning of a text that is longer than `most` characters. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** The first sentences, and how many more there are. */
export function firstOf(sentences: readonly string[], most: number): string[] {
  const more = sentences.length - most;
  return more > 0
    ? [...sentences.slice(0, most), `${formatNumber(more)} more are in the record.`]
    : [...sentences];
}

const cutSentences = (sentences: readonly string[]): string[] =>
  sentences.map((sentence) => cutText(sentence, SENTENCE_LENGTH));

/** Long names, each cut so that no two become one. */
function shortNames(names: readonly string[]): Map<string, string> {
  const taken = new Set(names.filter((name) => cutText(name, NAME_LENGTH) === name));
  const short = new Map<string, string>();
  for (const name of names) {
    if (taken.has(name) || short.has(name)) continue;
    const cut = cutText(name, NAME_LENGTH);
    let unique = cut;
    for (let twin = 2; taken.has(unique); twin++) unique = `${cut}${twin}`;
    taken.add(unique);
    short.set(name, unique);
  }
  return short;
}

/** The same check with long names of columns, values and sentences cut. */
export function withShortTexts(record: DriftCheck): DriftCheck {
  const short = shortNames(record.columns.map(({ name }) => name));
  const named = (name: string): string => short.get(name) ?? cutText(name, NAME_LENGTH);
  const { multivariate, correlations } = record;
  return {
    ...record,
    reason: cutText(record.reason, SENTENCE_LENGTH),
    columns: record.columns.map((column) => ({
      ...column,
      name: named(column.name),
      note: cutText(column.note, 3 * NAME_LENGTH),
      unseen: column.unseen.map(({ value, rows }) => ({ value: cutText(value, VALUE_LENGTH), rows })),
    })),
    ...(multivariate && {
      multivariate: {
        ...multivariate,
        columns: multivariate.columns.map((column) => ({ ...column, name: named(column.name) })),
      },
    }),
    ...(correlations && {
      correlations: {
        ...correlations,
        largest: correlations.largest.map((pair) => ({
          ...pair,
          columns: [named(pair.columns[0]), named(pair.columns[1])] as [string, string],
        })),
      },
    }),
    chunks:
      short.size === 0
        ? record.chunks
        : record.chunks.map((chunk) => ({
            ...chunk,
            effects: Object.fromEntries(
              Object.entries(chunk.effects).map(([name, effect]) => [named(name), effect]),
            ),
          })),
    knownBeforeLabels: cutSentences(record.knownBeforeLabels),
    knownWithLabels: cutSentences(record.knownWithLabels),
    notes: cutSentences(record.notes),
  };
}

const MOST_COLUMNS = 60;
const MOST_STEADY = 40;
const MOST_SENTENCES = 30;
const MOST_METRICS = 6;
/** Chunks times charts, of which those of performance count twice: each point of a chart and its row in a table. */
const MOST_POINTS = 1800;
const EFFECT_CHARTS = 12;

export interface DriftExtract {
  record: DriftCheck;
  /** What is not shown, a sentence each. */
  left: string[];
}

/** The check as the page shows it: the columns, metrics and chunks that matter most. */
export function pageExtract(whole: DriftCheck): DriftExtract {
  const short = withShortTexts(whole);
  const record = {
    ...short,
    knownBeforeLabels: firstOf(short.knownBeforeLabels, MOST_SENTENCES),
    knownWithLabels: firstOf(short.knownWithLabels, MOST_SENTENCES),
    notes: firstOf(short.notes, MOST_SENTENCES),
  };
  const left: string[] = [];
  const leave = (count: number, words: string): void => {
    if (count > 0) left.push(`${formatNumber(count)} more ${words}.`);
  };
  const beside = (column: DriftColumn): number =>
    ((column.importance ?? 0) + 1e-6) * ((column.effect ?? 0) / Math.max(column.minEffect, 1e-9));
  const worstFirst = (columns: DriftColumn[]): DriftColumn[] =>
    columns.toSorted(
      (a, b) => Number(b.effect === null) - Number(a.effect === null) || beside(b) - beside(a),
    );
  const [steady, others] = [true, false].map((isSteady) =>
    record.columns.filter(({ status }) => (status === 'steady') === isSteady),
  ) as [DriftColumn[], DriftColumn[]];
  const shown = new Set([
    ...(others.length > MOST_COLUMNS ? worstFirst(others).slice(0, MOST_COLUMNS) : others),
    ...(steady.length > MOST_STEADY ? worstFirst(steady).slice(0, MOST_STEADY) : steady),
  ]);
  leave(others.length - MOST_COLUMNS, 'columns that are not steady are in the record');
  leave(steady.length - MOST_STEADY, 'steady columns are in the record');

  const rank = { fell: 0, within: 1, not_judged: 2 };
  const performance = record.performance
    .toSorted((a, b) => rank[a.status] - rank[b.status])
    .slice(0, MOST_METRICS);
  leave(record.performance.length - performance.length, 'numbers of performance are in the record');
  const room = Math.floor(MOST_POINTS / (EFFECT_CHARTS + 2 * performance.length));
  const kept = keptChunks(record.chunks, room);
  leave(record.chunks.length - kept.length, 'chunks, the earlier ones, are in the record');
  const place = new Map(kept.map((index, at) => [index, at]));
  return {
    left,
    record: {
      ...record,
      columns: record.columns.filter((column) => shown.has(column)),
      chunks: kept.map((index) => record.chunks[index]!),
      performance: (performance.length < record.performance.length ? performance : record.performance).map(
        (part) => ({
          ...part,
          worst:
            part.worst && place.has(part.worst.chunk)
              ? { ...part.worst, chunk: place.get(part.worst.chunk)! }
              : null,
          fallenChunks: part.fallenChunks.flatMap((index) => place.get(index) ?? []),
        }),
      ),
    },
  };
}

/** The last chunks of both parts, most of them the data's. */
function keptChunks(chunks: readonly DriftChunk[], room: number): number[] {
  const indices = [...chunks.keys()];
  if (chunks.length <= room) return indices;
  const ofReference = indices.filter((index) => chunks[index]!.part === 'reference');
  const ofData = indices.filter((index) => chunks[index]!.part === 'data');
  const some = Math.max(Math.floor(room / 4), room - ofData.length);
  return [...ofReference.slice(-some), ...ofData.slice(-(room - Math.min(some, ofReference.length)))];
}
