import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { UserError } from '../../../../shared/errors.ts';
import { ageOf, isAlive, ownIdentity } from '../../../../shared/registries/process-identity.ts';

/**
 * Takes the lock of a serving folder, so that of two runs at once the second says so and leaves. The lock of a
 * run that was killed is taken over.
 * @returns what gives it back. @throws UserError when another run holds it.
 */
export function takeLock(path: string): () => void {
  const own = ownIdentity();
  for (let tries = 0; tries < 5; tries += 1) {
    try {
      writeFileSync(path, own, { flag: 'wx', mode: 0o600 });
      return () => {
        if (read(path) === own) rmSync(path, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = read(path);
    if (holder !== undefined && holder !== '' && isAlive(holder, ageOf(path) ?? 0)) {
      throw new UserError('Another run of canary-deploy is at work in this serving folder.', {
        where: { file: path, key: 'serving-dir' },
        fix: 'Wait until it has ended, or give each rollout its own serving-dir and port.',
      });
    }
    rmSync(path, { force: true });
  }
  throw new UserError('The lock of the serving folder could not be taken.', { where: { file: path } });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
