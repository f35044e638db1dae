/** A run in MLflow's store of files: `mlruns/<experiment>/<run>` with one file per metric, a line per logged value. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { combineDigests } from '../../../../shared/data/data-files.ts';
import { UserError } from '../../../../shared/errors.ts';
import { sha256 } from '../../../../shared/records/canonical-json.ts';
import { addPoint, type History, lastStepNote, numbersAt } from '../history.ts';
import type { MetricNumber, Reading } from '../metrics-format.ts';

const NUMBERS: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};

/** Whether a folder is one run; that of an experiment holds many and is not. */
export async function isRunFolder(folder: string): Promise<boolean> {
  const isThere = (name: string) =>
    stat(join(folder, name)).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
  const meta = await readFile(join(folder, 'meta.yaml'), 'utf8').catch(() => '');
  return /^run_(id|uuid):/m.test(meta) && (await isThere('metrics'));
}

/** @throws UserError naming the file whose line is not `time value step`. */
export async function readRunFolder(folder: string): Promise<Reading & { from: string; hash: string }> {
  const history: History = new Map();
  const digests = new Map<string, string>();
  const hashes: string[] = [];
  const entries = await readdir(join(folder, 'metrics'), { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((item) => item.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const key = path.slice(join(folder, 'metrics').length + 1).replaceAll('\\', '/');
    const text = await readFile(path, 'utf8');
    hashes.push(sha256(`${key}\n${text}`).slice('sha256:'.length));
    for (const [index, line] of text.split('\n').entries()) {
      if (line.trim() === '') continue;
      const [, value = '', step = '0', , digest] = line.split(' ');
      const number = Object.hasOwn(NUMBERS, value) ? NUMBERS[value]! : Number(value);
      if (value === '' || (Number.isNaN(number) && value !== 'nan') || !Number.isFinite(Number(step))) {
        throw new UserError(`${path} is not a metric of MLflow.`, { where: { file: path, line: index + 1 } });
      }
      addPoint(history, key, { step: Number(step), value: number });
      if (digest) digests.set(key, digest);
    }
  }
  const numbers = new Map<string, MetricNumber>(
    [...numbersAt(history, undefined)].map(([key, number]) => {
      const digest = digests.get(key);
      return [key, { ...number, ...(digest && { basis: { 'digest of the data set': digest } }) }];
    }),
  );
  const isHistory = [...history.values()].some((points) => points.length > 1);
  return {
    from: folder,
    hash: combineDigests(hashes.length > 0 ? hashes : [sha256('').slice('sha256:'.length)]).slice(
      'sha256:'.length,
    ),
    numbers,
    notes: isHistory ? [lastStepNote(folder, history, 'step')] : [],
  };
}
