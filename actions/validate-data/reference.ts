import { type Engine, quoteIdentifier } from '../../shared/data/engine.ts';
import { profileTable } from '../../shared/data/profile.ts';
import { readStatistics } from '../../shared/data/sagemaker-statistics.ts';
import {
  accessToOther,
  type DataAccess,
  loadTable,
  publicNames,
  resolveData,
} from '../../shared/data/source.ts';
import { quoteText } from '../../shared/data/sql-text.ts';
import { UserError } from '../../shared/errors.ts';
import type { ColumnSketch } from '../../shared/records/data-profile.ts';
import type { RecordInput } from '../../shared/records/envelope.ts';
import { readRecordFile } from '../../shared/records/folder.ts';
import type { Rule } from './rule.ts';

export interface Reference {
  rowCount: number;
  columns: readonly ColumnSketch[];
  input: RecordInput;
  /** The table that still holds the rows, where a rule needs them. */
  table: string | undefined;
  /** Files that this table reads from. */
  readsFrom: readonly string[];
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
  const [path] = given;
  if (path !== undefined && given.length === 1 && path.endsWith('.json')) return readProfile(path);
  const data = await resolveData([...given], options.access && accessToOther(options.access, given));
  const loaded = await loadTable(engine, data, TABLE, options);
  const { rowCount, columns } = await profileTable(engine, TABLE, loaded.columns, options);
  const input = { role: 'reference', name: publicNames(given), digest: data.digest };
  if (options.keepsRows) return { rowCount, columns, input, table: TABLE, readsFrom: loaded.readsFrom };
  await engine.run(`DROP ${data.format === 'parquet' ? 'VIEW' : 'TABLE'} ${quoteIdentifier(TABLE)}`);
  return { rowCount, columns, input, table: undefined, readsFrom: [] };
}

async function readProfile(path: string): Promise<Reference> {
  const rest = { table: undefined, readsFrom: [] };
  const statistics = await readStatistics(path);
  if (statistics) {
    const { digest, rowCount, columns } = statistics;
    return { rowCount, columns, input: { role: 'reference', name: path, digest }, ...rest };
  }
  const record = await readRecordFile(path);
  if (record.kind !== 'DataProfile') {
    throw new UserError(`${path} is a ${record.kind}, and the reference is a DataProfile or data.`, {
      where: { file: path, key: 'reference' },
      fix: 'Give the DataProfile that an earlier run of validate-data wrote, or data files.',
    });
  }
  const input = { role: 'reference', name: path, digest: record.subject.digest };
  return { rowCount: record.rowCount, columns: record.columns, input, ...rest };
}

/** What differs from the reference, as rules of severity warning: the contract alone makes errors. */
export function referenceRules(
  reference: Reference,
  columns: readonly { name: string; kind: ColumnSketch['kind'] }[],
  rowCount: number,
): Rule[] {
  const present = new Map(columns.map((column) => [column.name, column.kind]));
  const known = new Map(reference.columns.map((column) => [column.name, column]));
  const added = columns
    .filter((column) => !known.has(column.name))
    .map((column) => JSON.stringify(column.name));
  const missing = [...known.keys()].filter((name) => !present.has(name)).map((name) => JSON.stringify(name));
  const changed = reference.columns.filter((column) => {
    const kind = present.get(column.name);
    return kind !== undefined && kind !== column.kind && column.count > 0;
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
