/** Histories of Keras and Lightning. Neither says which step is the best, so the last one is judged. */
import { UserError } from '../../../../shared/errors.ts';
import { addPoint, type History, lastStepNote, numbersAt } from '../history.ts';
import { documentOf, type MetricsFile, type MetricsFormat, type Reading } from '../metrics-format.ts';

const isNumberList = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');

/** `history.history` of Keras: `{metric: [one number per epoch]}`. */
export const kerasHistory: MetricsFormat = {
  name: 'Keras history',
  recognises(file) {
    const values = Object.values(documentOf(file) ?? {});
    return values.length > 0 && values.every(isNumberList);
  },
  read(file) {
    const history: History = new Map();
    for (const [key, values] of Object.entries(documentOf(file)!) as [string, number[]][]) {
      for (const [epoch, value] of values.entries()) addPoint(history, key, { step: epoch, value });
    }
    return {
      numbers: numbersAt(history, undefined),
      notes: [lastStepNote(file.path, history, 'epoch')],
    };
  },
};

/** Names of the columns that say when, not what. */
const STEP_COLUMNS = ['step', 'epoch'] as const;

/** `metrics.csv` of Lightning's CSVLogger: many fields are empty, since not everything is logged at each step. */
export const lightningMetrics: MetricsFormat = {
  name: 'Lightning metrics',
  recognises: (file) => hasColumns(file, ['step', 'epoch']),
  read: (file) => readTable(file, 'step'),
};

export const kerasLog: MetricsFormat = {
  name: 'Keras CSVLogger',
  recognises: (file) => hasColumns(file, ['epoch']),
  read: (file) => readTable(file, 'epoch'),
};

/** Any other table: its last line counts, a line being a step. */
export const plainTable: MetricsFormat = {
  name: 'metrics as CSV',
  isGeneral: true,
  recognises: (file) => file.content.form === 'table',
  read: (file) => readTable(file, undefined),
};

const hasColumns = ({ content }: MetricsFile, names: readonly string[]): boolean =>
  content.form === 'table' && names.every((name) => content.header.includes(name));

function readTable(file: MetricsFile, stepColumn: (typeof STEP_COLUMNS)[number] | undefined): Reading {
  const { content, path } = file;
  if (content.form !== 'table') throw new TypeError(`${path} is no table`);
  const history: History = new Map();
  const stepIndex = stepColumn === undefined ? -1 : content.header.indexOf(stepColumn);
  for (const [at, row] of content.rows.entries()) {
    const step = stepIndex < 0 ? at : stepOf(row[stepIndex]!, file);
    for (const [index, key] of content.header.entries()) {
      const value = STEP_COLUMNS.some((name) => name === key) ? undefined : fieldValue(row[index]!);
      if (value !== undefined) addPoint(history, key, { step, value });
    }
  }
  const isHistory = content.rows.length > 1;
  return {
    numbers: numbersAt(history, undefined),
    notes: isHistory && history.size > 0 ? [lastStepNote(path, history, stepColumn ?? 'line')] : [],
  };
}

function stepOf(field: string, file: MetricsFile): number {
  const step = Number(field);
  if (field.trim() !== '' && Number.isFinite(step)) return step;
  throw new UserError(`${file.path} has the step ${JSON.stringify(field)}, which is no number.`, {
    where: { file: file.path },
  });
}

/** Undefined for an empty field and for what is no number, such as a name. */
function fieldValue(field: string): number | undefined {
  const text = field.trim();
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
