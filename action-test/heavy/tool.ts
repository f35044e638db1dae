/** A tool of the heavy tier, and the program beside a recorded sample that makes it anew with that tool. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect, test } from 'vitest';

export const SAMPLES = join(import.meta.dirname, '../fixtures/metrics-files');
const MAKE_MILLISECONDS = 540_000;

/**
 * Where `npm test -- --heavy` has installed a tool; undefined, with the reason said, where it could not.
 * With `CI=true` that is a test that fails.
 */
export function installedTool(variable: string): string | undefined {
  const place = process.env[variable];
  if (place !== undefined) return place;
  if (process.env.CI === 'true') test(`${variable} is there`, () => expect.fail(`${variable} names no tool`));
  else console.warn(`Skipped: ${variable} names no tool; npm test -- --heavy installs it`);
  return undefined;
}

export interface MadeSample {
  folder: string;
  /** What the program printed. */
  output: string;
}

/**
 * Runs `make.py` or `make.sh` in a copy of the sample's folder, from which what the tool itself wrote is taken away.
 * @param place an interpreter, whose folder has the tool's programs, or that folder.
 * @param given files of the sample that the program reads.
 */
export function makeSample(
  name: string,
  place: string,
  given: readonly string[],
  env: NodeJS.ProcessEnv = {},
): MadeSample {
  const folder = mkdtempSync(join(tmpdir(), `heavy-${name}-`));
  for (const file of readdirSync(join(SAMPLES, name)))
    if (file.startsWith('make.') || given.includes(file))
      cpSync(join(SAMPLES, name, file), join(folder, file), { recursive: true });
  const isPython = readdirSync(folder).includes('make.py');
  const programs = isPython || /\/python\d*$/.test(place) ? dirname(place) : place;
  const output = execFileSync(
    isPython ? place : 'bash',
    [join(folder, isPython ? 'make.py' : 'make.sh'), folder],
    {
      cwd: folder,
      // Its messages are seen where it fails.
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: MAKE_MILLISECONDS,
      maxBuffer: 1 << 26,
      env: {
        PATH: `${programs}${delimiter}${process.env.PATH}`,
        HOME: folder,
        PYTHONWARNINGS: 'ignore',
        CUDA_VISIBLE_DEVICES: '',
        ...env,
      },
    },
  );
  return { folder, output: output.toString() };
}
