import { type Engine, quoteIdentifier } from '../../shared/data/engine.ts';
import { profileTable } from '../../shared/data/profile.ts';
import { readStatistics } from '../../shared/data/sagemaker-statistics.ts';
import {
  accessToOther,
  type DataAccess,
  type DataFiles,
  isRecordText,
  loadingNotes,
  loadTable,
  objectTexts,
  publicNames,
  resolveData,
  whileReading,
} from '../../shared/data/source.ts';
import { quoteText } from '../../shared/data/sql-text.ts';
import { UserError } from '../../shared/errors.ts';
import type { ColumnSketch } from '../../shared/records/data-profile.ts';
import type { RecordInput } from '../../shared/records/envelope.ts';
import type { Rule } from './rule.ts';

export interface Reference {
  rowCount: number;
  columns: readonly ColumnSketch[];
  input: RecordInput;
  /** The table that still holds the rows, where a rule needs them. */
  table: string | undefined;
  /** Files that this table reads from. */
  readsFrom: readonly string[];
  /** What was found out while it was read. */
  notes: readonly string[];
}

const TABLE = 'reference data';

/** Fewer than half or more than twice as many rows as in the reference are worth a warning. */
const LARGEST_RATIO = 2;

/**
 * Reads what the data are compared with: a DataProfile record, SageMaker's statistics.json, or data files, which are
 * profiled now.
 * @param options.keepsRows whether rules of the contract look at the rows themselves.
 * @throws UserError when it is neither.
 */
export async function readReference(
  given: readonly string[],
  engine: Engine,
  options: {
    temporaryFolder: string;
    textColumns: readonly string[];
    keepsRows: boolean;
    progress: (message: string) => void;
    /** Without it, only files are read. */
    access?: DataAccess;
  },
): Promise<Reference> {
  const data = await resolveData([...given], options.access && accessToOther(options.access));
  const profile = await profileIn(data);
  if (profile) return profile;
  const loaded = await loadTable(engine, data, TABLE, options);
  const { rowCount, columns } = await whileReading(data, () =>
    profileTable(engine, TABLE, loaded.columns, options),
  );
  const input = { role: 'reference', name: publicNames(given), digest: data.digest };
  const notes = loadingNotes(loaded.notes, 'reference');
  if (options.keepsRows)
    return { rowCount, columns, input, table: TABLE, readsFrom: loaded.readsFrom, notes };
  await engine.run(`DROP ${data.format === 'parquet' ? 'VIEW' : 'TABLE'} ${quoteIdentifier(TABLE)}`);
  return { rowCount, columns, input, table: undefined, readsFrom: [], notes };
}

/** What stands for the rows of a reference, where its one file holds no rows: by its content. */
async function profileIn(data: DataFiles): Promise<Reference | undefined> {
  const texts = await objectTexts(data);
  if (texts?.length !== 1) return undefined;
  const [file, text] = [data.files[0]!, texts[0]!];
  const rest = { table: undefined, readsFrom: [], notes: [] };
  const statistics = readStatistics(text, file.path);
  if (statistics) {
    const input = { role: 'reference', name: file.path, digest: data.digest };
    return { rowCount: statistics.rowCount, columns: statistics.columns, input, ...rest };
  }
  if (!isRecordText(text)) return undefined;
  const { parseRecordText } = await import('../../shared/records/text.ts');
  const record = parseRecordText(text, file.path);
  if (record.kind !== 'DataProfile') {
    throw new UserError(`${file.path} is a ${record.kind}, and the reference is a DataProfile or data.`, {
      where: { file: file.path, key: 'reference' },
      fix: 'Give the DataProfile that an earlier run of validate-data wrote, or data files.',
    });
  }
  const input = { role: 'reference', name: file.path, digest: record.subject.digest };
  return { rowCount: record.rowCount, columns: record.columns, input, ...rest };
}

/** What differs from the reference, as rules of severity warning: the contract alone makes errors. */
export function referenceRules(
  reference: Reference,
  columns: readonly Pick<ColumnSketch, 'name' | 'kind' | 'count'>[],
  rowCount: number,
): Rule[] {
  const present = new Map(columns.map((column) => [column.name, column.kind]));
  // A column of nulls alone has no type of its own in a file of text.
  const typed = new Set(columns.filter(({ count }) => count > 0).map(({ name }) => name));
  const known = new Map(reference.columns.map((column) => [column.name, column]));
  const added = columns
    .filter((column) => !known.has(column.name))
    .map((column) => JSON.stringify(column.name));
  const missing = [...known.keys()].filter((name) => !present.has(name)).map((name) => JSON.stringify(name));
  const changed = reference.columns.filter((column) => {
    const kind = present.get(column.name);
    return kind !== undefined && kind !== column.kind && column.count > 0 && typed.has(column.name);
  });
  const kinds = changed.map(
    (column) => `${column.name}: ${column.kind} there, ${present.get(column.name)} here`,
  );
  const ratio = reference.rowCount === 0 ? 1 : rowCount / reference.rowCount;
  const isFar = ratio > LARGEST_RATIO || ratio < 1 / LARGEST_RATIO;
  return [
    settled(
      'between half and twice the rows of the reference',
      'is the number of rows',
      isFar,
      `${rowCount} rows against ${reference.rowCount}`,
    ),
    settled('no column that the reference lacks', 'column is new', added.length > 0, added.join(', ')),
    settled('every column of the reference', 'column is missing', missing.length > 0, missing.join(', ')),
    settled(
      'columns of the same kind as in the reference',
      'kind differs',
      kinds.length > 0,
      kinds.join('; '),
    ),
    ...reference.columns.flatMap((column) =>
      present.get(column.name) === column.kind ? newCategories(column) : [],
    ),
  ];
}

/** Values that the reference does not have, where it lists all that it has. */
function newCategories(column: ColumnSketch): Rule[] {
  if (column.kind !== 'text' || !column.top || column.top.values.length === 0 || column.top.otherCount > 0)
    return [];
  const name = quoteIdentifier(column.name);
  const values = column.top.values.map((entry) => quoteText(entry.value)).join(', ');
  return [
    {
      columns: [column.name],
      words: `one of the ${column.top.values.length} values of the reference`,
      problem: 'value is not in the reference',
      severity: 'warning',
      test: {
        kind: 'rows',
        failing: `${name} IS NOT NULL AND ${name}::VARCHAR NOT IN (${values})`,
        shown: [column.name],
      },
    },
  ];
}

function settled(words: string, problem: string, isBroken: boolean, observed: string): Rule {
  const test = {
    kind: 'settled',
    verdict: isBroken ? 'warn' : 'pass',
    observed: observed || undefined,
  } as const;
  return { columns: [], words, problem, severity: 'warning', test };
}
