/**
 * The examples that users copy, run as GitHub would run them: by act, against a GitHub emulator and a real container
 * registry. This file finds the programs that takes.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Where a program is: in the folder that the installer of the tests filled, or on the PATH. */
export function findTool(name: string): string | undefined {
  const folders = [process.env.MLOPS_TEST_TOOLS ?? '', ...(process.env.PATH ?? '').split(delimiter)];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/**
 * The programs by name, or undefined when some are missing: a reason to skip on a laptop, and a failure in CI.
 * @throws Error in CI when one is missing.
 */
export function findTools<const Name extends string>(...names: Name[]): Record<Name, string> | undefined {
  const found = names.map((name) => [name, findTool(name)] as const);
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name);
  if (missing.length === 0) return Object.fromEntries(found) as Record<Name, string>;
  if (process.env.CI === 'true') throw new Error(`missing in CI: ${missing.join(', ')}`);
  console.warn(`Tests of workflows are skipped: ${missing.join(', ')} not found; npm test installs them.`);
  return undefined;
}

/** The folder of a real Python with pip, not of a version manager's stand-in that needs its own environment. */
export function pythonFolder(): string {
  if (process.env.MLOPS_TEST_PYTHON) return dirname(process.env.MLOPS_TEST_PYTHON);
  const script = 'import os, sys; print(os.path.realpath(sys.executable))';
  const { stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
  return dirname(stdout.trim());
}
