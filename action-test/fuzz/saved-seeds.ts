/** Files that real libraries save, as seeds. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Which interpreters may be there: each has other libraries. */
const INTERPRETERS = [
  'MLOPS_TEST_PYTHON',
  'MLOPS_TEST_TORCH',
  'MLOPS_TEST_KERAS',
  'MLOPS_TEST_SCAN_BOOSTERS',
];

/** Writes them. @returns what is to be said of those that are not there. */
export function savedByLibraries(folder: string): string[] {
  const program = fileURLToPath(new URL('good_seeds.py', import.meta.url));
  return INTERPRETERS.flatMap((name) => {
    const python = process.env[name];
    if (!python) return [`Without seeds of ${name}, which names no interpreter.`];
    const { status, stderr } = spawnSync(python, [program, folder], { encoding: 'utf8' });
    return status === 0 ? [] : [`${name} saved no seeds: ${stderr.trim().split('\n').at(-1)}`];
  });
}
