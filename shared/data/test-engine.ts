import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, openEngine } from './engine.ts';

/** For tests: a folder that is removed again. */
export function temporaryFolder(): {
  path: string;
  file(name: string, content: string | Uint8Array): string;
  remove(): void;
} {
  const path = mkdtempSync(join(tmpdir(), 'mlops-data-test-'));
  return {
    path,
    file(name, content) {
      writeFileSync(join(path, name), content);
      return join(path, name);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** For tests: an engine from node_modules, which spills into the given folder. */
export function openTestEngine(folder: string, threads?: number): Promise<Engine> {
  return openEngine({ cacheFolder: folder, temporaryFolder: folder, env: {}, threads });
}
