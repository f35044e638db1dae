import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The file that runs as the router: the source while developing, the bundle otherwise, wherever the bundler put
 * this code (the action's own folder, the command line's, or a shared chunk beside them).
 */
export function findRouterFile(here: string = import.meta.dirname): string {
  const candidates = [
    '../../router.ts',
    'router.mjs',
    '../canary-deploy/router.mjs',
    'canary-deploy/router.mjs',
  ];
  const found = candidates.map((candidate) => join(here, candidate)).find((path) => existsSync(path));
  if (!found) throw new Error(`the router is missing: it is none of ${candidates.join(', ')} beside ${here}`);
  return found;
}
