/** What the scores are worth: curves as lines of block characters, confusion matrices, a better threshold. */
import type { Confusion, Evaluation, ModelCurves } from '../../../shared/records/evaluation.ts';
import {
  type ConfusionCell,
  commonMistakes,
  confusionCells,
  isWhole,
} from '../../../shared/report/evaluation/confusion.ts';
import { blockLine, heightAt } from '../../../shared/report/evaluation/curve-points.ts';
import {
  changeText,
  operatingPointText,
  thresholdText,
} from '../../../shared/report/evaluation/sentences.ts';
import {
  blocks,
  codeBlock,
  formatNumber,
  formatShare,
  type Inline,
  list,
  type Markdown,
  md,
  table,
} from '../../../shared/report/markdown.ts';
import type { Part } from './slices.ts';

type Point = readonly [number, number];
interface Model {
  name: string;
  curves: ModelCurves;
}

/** Columns of a line of blocks: with the model's name before it, it fits a phone. */
const COLUMNS = 21;

export function curvesPart({ curves }: Evaluation): Part | undefined {
  if (!curves) return undefined;
  const models: Model[] = [
    ...(curves.champion ? [{ name: 'champion', curves: curves.champion }] : []),
    { name: 'this model', curves: curves.challenger },
  ];
  const drawn: [string, Markdown | undefined][] = [
    ['ROC', rocBody(models)],
    ['precision–recall', precisionRecallBody(models)],
    ['calibration', calibrationBody(models)],
  ];
  const there = drawn.flatMap(([name, body]) => (body ? [{ name, body }] : []));
  if (there.length === 0) return undefined;
  const points = models.flatMap((model) => {
    const text = operatingPointText(model.curves);
    return text ? [`${model.name} ${text}.`] : [];
  });
  return {
    title: `Curves · ${there.map(({ name }) => name).join(', ')}`,
    body: blocks(...there.map(({ body }) => body), ...(points.length > 0 ? [list(points)] : [])),
  };
}

function rocBody(models: readonly Model[]): Markdown | undefined {
  return curveBody(
    models.map(({ name, curves }) => ({ name, points: curves.roc })),
    'ROC: share of positives found, by share of negatives taken for positive (0 to 1)',
    ['negatives taken for positive', [0.05, 0.1, 0.2, 0.5]],
  );
}

function precisionRecallBody(models: readonly Model[]): Markdown | undefined {
  return curveBody(
    models.map(({ name, curves }) => ({ name, points: curves.precisionRecall })),
    'Precision, by share of positives found (0 to 1)',
    ['positives found', [0.25, 0.5, 0.75, 0.9]],
  );
}

function curveBody(
  lines: readonly { name: string; points: readonly Point[] }[],
  title: string,
  [axis, places]: [string, number[]],
): Markdown | undefined {
  const drawn = lines.flatMap(({ name, points }) =>
    points.length > 1 ? [{ name, points: [...points].sort((a, b) => a[0] - b[0]) }] : [],
  );
  if (drawn.length === 0) return undefined;
  const rows = drawn.map(({ name, points }): Inline[] => [
    name,
    ...places.map((place) => formatShare(heightAt(points, place))),
  ]);
  const header: Inline[] = [axis, ...places.map((place) => formatShare(place, 0))];
  return blocks(
    md`${title}:`,
    blockLines(
      drawn.map(({ name, points }) => {
        const across = Array.from({ length: COLUMNS }, (_, column) => column / (COLUMNS - 1));
        return [name, blockLine(across.map((x) => heightAt(points, x)))];
      }),
    ),
    table(header, rows, ['left', 'right', 'right', 'right', 'right']),
  );
}

const blockLines = (lines: readonly (readonly [name: string, blocks: string])[]): Markdown =>
  codeBlock(lines.map(([name, line]) => `${name.padEnd(11)}${line}`).join('\n'), 'text');

/** Per tenth of the score: what share was positive, beside what the score promised. */
function calibrationBody(models: readonly Model[]): Markdown | undefined {
  const drawn = models.filter(({ curves }) => curves.calibration.some((bin) => bin.rows > 0));
  if (drawn.length === 0) return undefined;
  const tenths = Array.from({ length: 10 }, (_, tenth) => tenth);
  const binOf = (curves: ModelCurves, tenth: number) =>
    curves.calibration.find((bin) => bin.rows > 0 && Math.min(9, Math.floor(bin.score * 10)) === tenth);
  const error = drawn.flatMap(({ name, curves }) =>
    curves.expectedCalibrationError === null
      ? []
      : [`${name} ${formatNumber(curves.expectedCalibrationError, 4)}`],
  );
  return blocks(
    md`Calibration: share of positives per tenth of the score (0 to 1); scores that mean what they say climb evenly:`,
    blockLines([
      ['even', blockLine(tenths.map((tenth) => (tenth + 0.5) / 10))],
      ...drawn.map(
        ({ name, curves }) =>
          [name, blockLine(tenths.map((tenth) => binOf(curves, tenth)?.positives ?? null))] as const,
      ),
    ]),
    error.length > 0 ? md`Expected calibration error: ${error.join(', ')}.` : '',
  );
}

export function confusionPart({ confusion }: Evaluation): Part | undefined {
  if (!confusion || confusion.labels.length === 0) return undefined;
  return {
    title: `Confusion · ${confusion.labels.length} labels`,
    body: isWhole(confusion) ? matrixTable(confusion) : mistakeTable(confusion),
  };
}

/** Rows are true labels; each cell is the rows of this model, its share of the true label, the change. */
function matrixTable(confusion: Confusion): Markdown {
  const header: Inline[] = ['true label', ...confusion.labels.map((label) => `said ${label}`)];
  const rows = confusionCells(confusion).map((cells, row): Inline[] => [
    confusion.labels[row]!,
    ...cells.map(
      (cell) =>
        `${cell.isRight ? '✓ ' : ''}${formatNumber(cell.challenger)} · ${formatShare(cell.challengerShare)}${changeInBrackets(cell)}`,
    ),
  ]);
  const note = confusion.champion
    ? 'Rows of this model, as a share of the true label, and in brackets the change from the champion. ✓ is right.'
    : 'Rows of this model, as a share of the true label. ✓ is right.';
  return blocks(
    table(
      header,
      rows,
      header.map((_, column) => (column === 0 ? 'left' : 'right')),
    ),
    note,
  );
}

const changeInBrackets = (cell: ConfusionCell): string =>
  cell.champion === null ? '' : ` (${changeText(cell.champion, cell.challenger)})`;

function mistakeTable(confusion: Confusion): Markdown {
  const withChampion = confusion.champion !== null;
  const rows = commonMistakes(confusion).map((cell): Inline[] => [
    cell.truth,
    cell.predicted,
    ...(withChampion ? [formatNumber(cell.champion)] : []),
    formatNumber(cell.challenger),
    ...(withChampion ? [changeText(cell.champion, cell.challenger)] : []),
  ]);
  const header = [
    'true label',
    'taken for',
    ...(withChampion ? ['champion, rows', 'this model, rows', 'change'] : ['this model, rows']),
  ];
  return blocks(
    'The most frequent mistakes of either model:',
    table(header, rows, ['left', 'left', 'right', 'right', 'right']),
  );
}

export function thresholdPart({ thresholdSuggestion: suggestion }: Evaluation): Part | undefined {
  if (!suggestion) return undefined;
  const title =
    suggestion.suggested === suggestion.current
      ? 'Threshold · as it should be'
      : `Threshold · ${suggestion.maximize} would be larger at another`;
  return { title, body: md`${thresholdText(suggestion)}` };
}
