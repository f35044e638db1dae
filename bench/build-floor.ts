/** Bundles a floor, which is a program that has nothing but the engine. */
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * As the actions are bundled, beside a link to the packages that hold the engine.
 * @param name of the file in this folder, without `.ts`. @returns the path of the program.
 */
export async function buildFloor(name: string, folder: string): Promise<string> {
  const program = join(import.meta.dirname, `../node_modules/.cache/bench-${name}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile: program,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'error',
    absWorkingDir: folder,
  });
  return program;
}
