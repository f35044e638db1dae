/** From an input to the runs of one side: every file and every MLflow run is one, and so are all files of a folder. */
import { glob, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { combineDigests } from '../../../shared/data/data-files.ts';
import { UserError } from '../../../shared/errors.ts';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { formatOf, requireFormat } from './formats.ts';
import type { MetricNumber, MetricsFile, Reading } from './metrics-format.ts';
import { isRunFolder, readRunFolder } from './mlflow/run-folder.ts';
import { parseRunUri } from './mlflow/run-uri.ts';
import { readTrackedRun } from './mlflow/tracked-run.ts';
import { isReadable, parseContent } from './parse-content.ts';

/** One evaluation of one trained model. */
export interface MetricsRun extends Reading {
  /** The file, folder or URI. */
  from: string;
}

export interface MetricsSide {
  /** At least one; several are trainings with different seeds. */
  runs: MetricsRun[];
  digest: string;
}

const LARGEST_BYTES = 100_000_000;
const MOST_FILES = 1000;
/** How far below a folder files are looked for: lm-eval and Lightning make a folder for each model or version. */
const DEEPEST_FOLDER = 3;

type DigestedRun = MetricsRun & { hash: string };

/**
 * Reads what an input names: paths, globs, folders, MLflow runs.
 * @throws UserError when something is missing, too large, of no known format, or holds no number.
 */
export async function readSide(entries: readonly string[], input: string, deps: Deps): Promise<MetricsSide> {
  const runs: DigestedRun[] = [];
  for (const entry of entries) {
    const uri = parseRunUri(entry, deps.env);
    const found = uri ? [await readTrackedRun(uri, deps)] : await readPath(entry, input);
    runs.push(...found);
    if (runs.length > MOST_FILES) {
      throw new UserError(`${input} names more than ${MOST_FILES} files.`, {
        where: { key: `inputs.${input}` },
        fix: 'Name the files of this model alone.',
      });
    }
  }
  for (const { from, numbers } of runs) {
    if (numbers.size > 0) continue;
    throw new UserError(`${from} holds no number.`, {
      where: { file: from },
      fix: 'Write an object of names and numbers, such as {"roc_auc": 0.87}.',
    });
  }
  return { runs, digest: combineDigests(runs.map(({ hash }) => hash)) };
}

async function readPath(entry: string, input: string): Promise<DigestedRun[]> {
  const about = await stat(entry).catch(() => undefined);
  if (about?.isDirectory()) {
    return [(await isRunFolder(entry)) ? await readRunFolder(entry) : await readFolder(entry)];
  }
  const paths = about ? [entry] : /[*?[{]/.test(entry) ? await matching(entry) : [];
  if (paths.length === 0) {
    throw new UserError(`There is no metrics file ${entry}.`, {
      where: { file: entry, key: `inputs.${input}` },
      fix: 'Check the path; it is relative to the working directory. A step before this one may have to make the file.',
    });
  }
  const runs: DigestedRun[] = [];
  for (const path of paths) {
    const { file, hash } = await readWhole(path);
    runs.push({ from: path, hash, ...requireFormat(file).read(file) });
  }
  return runs;
}

async function matching(pattern: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of glob(pattern)) if ((await stat(path)).isFile()) paths.push(path);
  return paths.sort();
}

async function readWhole(path: string): Promise<{ file: MetricsFile; hash: string }> {
  const { size } = await stat(path);
  if (size > LARGEST_BYTES) {
    throw new UserError(`${path} is larger than ${LARGEST_BYTES / 1e6} MB.`, {
      where: { file: path },
      fix: 'Give the file of results, not of outputs.',
    });
  }
  const bytes = await readFile(path);
  const content = await parseContent(bytes, path);
  return { file: { path, content }, hash: sha256(bytes).slice('sha256:'.length) };
}

/** Beside its metrics a tool leaves settings, vocabularies and checkpoints, which hold numbers too. */
const NAMED_LIKE_METRICS = /metric|result|eval|score|summary|report|history/i;

/** All files below a folder that are of a known format, put together as one run. */
async function readFolder(folder: string): Promise<DigestedRun> {
  const readings: { path: string; hash: string; reading: Reading }[] = [];
  for (const path of (await filesBelow(folder, 1)).sort()) {
    const isNamed = NAMED_LIKE_METRICS.test(basename(path));
    const read = await readWhole(path).catch((error: unknown) => {
      if (isNamed || !(error instanceof UserError)) throw error;
      return undefined;
    });
    const format = read && formatOf(read.file);
    if (!read || !format || (format.isGeneral && !isNamed)) continue;
    readings.push({ path, hash: read.hash, reading: format.read(read.file) });
  }
  if (readings.length === 0) {
    throw new UserError(`The folder ${folder} holds no file of metrics.`, {
      where: { file: folder },
      fix: 'Name the file itself; of a folder only those are taken whose content or name says that they hold metrics.',
    });
  }
  const numbers = new Map<string, MetricNumber>();
  for (const { path, reading } of readings) {
    for (const [key, number] of reading.numbers) {
      const known = numbers.get(key);
      numbers.set(key, known ? together(known, number, path) : number);
    }
  }
  return {
    from: folder,
    hash: combineDigests(readings.map(({ hash }) => hash)).slice('sha256:'.length),
    numbers,
    notes: readings.flatMap(({ reading }) => reading.notes),
  };
}

async function filesBelow(folder: string, depth: number): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // A link may lead anywhere; a checkpoint repeats what the trainer says of the whole training.
    if (entry.isDirectory() && depth < DEEPEST_FOLDER && !/^(\.|checkpoint-\d+$)/.test(entry.name)) {
      paths.push(...(await filesBelow(path, depth + 1)));
    } else if (entry.isFile() && isReadable(path) && !entry.name.startsWith('.')) {
      paths.push(path);
    }
    if (paths.length > MOST_FILES) {
      throw new UserError(`The folder ${folder} holds more than ${MOST_FILES} files.`, {
        where: { file: folder },
        fix: 'Name the files themselves.',
      });
    }
  }
  return paths;
}

/** Two files of one run speak of the same key: what both say, or that they contradict each other. */
function together(first: MetricNumber, second: MetricNumber, path: string): MetricNumber {
  if (!isSame(first.value, second.value)) {
    return {
      ...first,
      conflict: `is ${second.value} in ${path} and ${first.value} in another file of the folder`,
    };
  }
  return { ...second, ...first };
}

/** A mean of samples and the same mean by the tool may differ in the last digits. */
const isSame = (a: number, b: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
