/**
 * Files of attributions: SHAP values with one row per prediction and one column per feature, or a table or an object of
 * importances by feature.
 */

import { readFile } from 'node:fs/promises';
import { columnKind } from '../../../shared/data/columns.ts';
import { type Engine, quoteIdentifier } from '../../../shared/data/engine.ts';
import { type LoadedTable, loadTable, resolveData } from '../../../shared/data/source.ts';
import { UserError } from '../../../shared/errors.ts';
import type { Attributions } from '../../../shared/metrics/attributions.ts';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import { requireEveryLine } from '../predictions/every-line.ts';

export interface AttributionFiles {
  name: string;
  digest: string;
  sizes: Attributions;
}

const FEATURE_COLUMNS = ['feature', 'feature_name', 'variable'];
const IMPORTANCE_COLUMNS = ['importance', 'importances_mean', 'importance_mean', 'gain'];
/** Columns that tools write beside the values and that are no feature. */
const NO_FEATURES = ['id', 'base_value', 'base_values', 'expected_value'];
const LARGEST_JSON_BYTES = 50_000_000;

interface Place {
  file: string;
  key: string;
}

/**
 * @param idColumn of the policy, which is no feature. @param input its name, for messages.
 * @throws UserError for files of another shape, texts among the values, and values that are not finite.
 */
export async function readAttributions(
  engine: Engine,
  patterns: string[],
  input: string,
  idColumn: string | undefined,
  temporaryFolder: string,
): Promise<AttributionFiles> {
  const [first] = patterns;
  if (patterns.length === 1 && first!.toLowerCase().endsWith('.json')) return readJson(first!, input);
  const files = await resolveData(patterns);
  const where = { file: files.files[0]!.path, key: `inputs.${input}` };
  const table = input.replaceAll('-', '_');
  const loaded = await loadTable(engine, files, table, { temporaryFolder });
  requireEveryLine(loaded, input, 'Correct these lines.');
  if (loaded.rowCount === 0)
    throw new UserError(`There is no row in ${input}.`, {
      where,
      fix: 'Check the step that makes the file.',
    });
  const names = loaded.columns.map(({ name }) => name);
  const feature = FEATURE_COLUMNS.find((name) => names.includes(name));
  const importance = IMPORTANCE_COLUMNS.find((name) => names.includes(name));
  const sizes =
    feature !== undefined && importance !== undefined
      ? await readTable(engine, table, { feature, importance }, where)
      : await readRows(engine, table, loaded, idColumn, where);
  return { name: files.files.map(({ path }) => path).join(', '), digest: files.digest, sizes };
}

async function readTable(
  engine: Engine,
  table: string,
  columns: { feature: string; importance: string },
  where: Place,
): Promise<Attributions> {
  const [feature, importance] = [quoteIdentifier(columns.feature), quoteIdentifier(columns.importance)];
  const rows = await engine.rows(
    `SELECT ${feature}::VARCHAR AS feature, TRY_CAST(${importance} AS DOUBLE) AS importance FROM ${quoteIdentifier(table)}`,
  );
  const sizes = new Map<string, number>();
  for (const { feature: name, importance: size } of rows) {
    if (typeof name !== 'string' || sizes.has(name)) {
      throw new UserError(
        typeof name === 'string'
          ? `The feature ${JSON.stringify(name)} is given twice.`
          : `A row has no ${columns.feature}.`,
        { where, fix: 'Write one row per feature.' },
      );
    }
    sizes.set(name, requireFinite(size, name, where));
  }
  return sizes;
}

/** Mean absolute value of each column. */
async function readRows(
  engine: Engine,
  table: string,
  loaded: LoadedTable,
  idColumn: string | undefined,
  where: Place,
): Promise<Attributions> {
  const features = loaded.columns.filter(({ name }) => name !== idColumn && !NO_FEATURES.includes(name));
  const texts = features.filter(({ type }) => columnKind(type) !== 'numeric').map(({ name }) => name);
  if (features.length === 0 || texts.length > 0) {
    throw new UserError(
      features.length === 0
        ? 'The file has no column of a feature.'
        : `The columns ${texts.slice(0, 5).join(', ')} hold no numbers.`,
      {
        where,
        fix: 'Write one column of SHAP values per feature and one row per prediction, or a table of feature and importance. The id of the rows is the policy’s columns.id, or is called id.',
      },
    );
  }
  const sizes = features.map(({ name }, at) => {
    const value = `${quoteIdentifier(name)}::DOUBLE`;
    // An average leaves empty cells out, and a feature must not weigh more because its cells are empty.
    return `CASE WHEN bool_and(coalesce(isfinite(${value}), false)) THEN avg(abs(${value})) END AS s${at}`;
  });
  const [row] = await engine.rows(`SELECT ${sizes.join(', ')} FROM ${quoteIdentifier(table)}`);
  return new Map(features.map(({ name }, at) => [name, requireFinite(row?.[`s${at}`], name, where)]));
}

/** `{"feature": gain, …}`, as of xgboost's get_score. */
async function readJson(path: string, input: string): Promise<AttributionFiles> {
  const where = { file: path, key: `inputs.${input}` };
  const bytes = await readFile(path).catch((cause) => {
    throw new UserError(`The file ${path} cannot be read.`, {
      where,
      fix: 'Check the path; it is relative to the working directory.',
      cause,
    });
  });
  const fix = 'Write an object of features and their importances, such as {"age": 12.5, "fare": 3.1}.';
  if (bytes.length > LARGEST_JSON_BYTES)
    throw new UserError(`${path} is larger than ${LARGEST_JSON_BYTES / 1e6} MB.`, { where, fix });
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new UserError(`${path} is not valid JSON.`, { where, fix, cause });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value) || Object.keys(value).length === 0)
    throw new UserError(`${path} is no object of importances.`, { where, fix });
  const sizes = new Map(
    Object.entries(value).map(([feature, size]) => [feature, requireFinite(size, feature, where)]),
  );
  return { name: path, digest: sha256(bytes), sizes };
}

function requireFinite(value: unknown, feature: string, where: Place): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new UserError(`The attribution of ${JSON.stringify(feature)} is not a finite number everywhere.`, {
    where,
    fix: 'Fill the empty cells, or leave the feature out on both sides.',
  });
}
