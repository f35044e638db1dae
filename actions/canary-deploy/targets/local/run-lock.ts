import { tryLock } from '../../../../shared/concurrency/lock.ts';
import { type FoundInUse, TargetInUse } from '../target-in-use.ts';

/** A run on another machine that shares the folder cannot be asked whether it lives; after a day it is taken for dead. */
const FOREIGN_HOLD_MS = 24 * 3_600_000;

/**
 * Takes the lock of a serving folder, so that of two runs at once the second says so and leaves. The lock of a
 * run that was killed, or that ran before the machine was started again, is taken over by one of those who find it.
 * @param stored what is stored in the folder, for whoever must leave.
 * @returns what gives it back. @throws TargetInUse when another run holds it.
 */
export async function takeLock(path: string, stored: () => FoundInUse): Promise<() => Promise<void>> {
  const release = await tryLock(path, FOREIGN_HOLD_MS);
  // A folder that was removed meanwhile holds no lock any more, and the end of this process frees it in any case.
  if (release) return () => release().catch(() => undefined);
  throw new TargetInUse(
    'Another run of canary-deploy is at work in this serving folder.',
    {
      where: { file: path, key: 'serving-dir' },
      fix: `Wait until it has ended, or give each rollout its own serving-dir and port. If the machine it ran on is gone, remove ${path}.`,
    },
    stored(),
  );
}
