import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { type HashedModel, modelDigest } from '../../shared/models/digest.ts';
import { parseMetrics, type ReadMetrics } from './metrics.ts';

/** Collecting what a command wrote, and telling it from what was there before. */

/** A mark of a file's present content; undefined when there is none. */
export async function fileMark(path: string | undefined): Promise<string | undefined> {
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
  return found && `${found.ino}:${found.size}:${found.mtimeMs}`;
}

/**
 * Reads the metrics that the command wrote to METRICS_FILE, or to the path of the input `metrics-file` if it
 * wrote there itself; what was there before counts for nothing.
 * @param metricsFile the input, to which the metrics are copied. @param markBefore of that file, before the start.
 */
export async function collectMetrics(
  written: string,
  metricsFile: string | undefined,
  markBefore: string | undefined,
): Promise<ReadMetrics> {
  const text = await readFile(written, 'utf8').catch(() => undefined);
  if (text !== undefined) {
    if (metricsFile !== undefined) {
      await mkdir(dirname(resolve(metricsFile)), { recursive: true });
      await copyFile(written, metricsFile);
    }
    return parseMetrics(text);
  }
  const mark = await fileMark(metricsFile);
  if (metricsFile !== undefined && mark !== undefined && mark !== markBefore) {
    return parseMetrics(await readFile(metricsFile, 'utf8'));
  }
  return { metrics: {}, problem: metricsFile === undefined ? '' : 'the command wrote no metrics' };
}

/** The model that a command wrote, hashed; or why there is none, as a sentence. */
export async function collectModel(model: string, signal: AbortSignal): Promise<HashedModel | string> {
  // A command may also have removed the folder, or put something else in its place.
  if ((await readdir(model).catch(() => [])).length === 0) {
    return 'The command ended well but wrote nothing into the folder that MODEL_DIR names.';
  }
  try {
    return await modelDigest(model, { signal });
  } catch (error) {
    if (error instanceof UserError) return [error.message, error.fix].filter(Boolean).join(' ');
    throw error;
  }
}

/** Keeps what the command wrote into SM_OUTPUT_DATA_DIR, if it wrote anything, in place of an earlier run's. */
export async function keepOutput(output: string, destination: string): Promise<boolean> {
  if ((await readdir(output).catch(() => [])).length === 0) return false;
  await rm(destination, { recursive: true, force: true });
  await rename(output, destination);
  return true;
}
