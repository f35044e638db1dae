import { formatBytes } from '../../../shared/report/numbers.ts';
import type { Disk, Space } from './machine-space.ts';

type State = { message: string } | 'clear' | undefined;

/** The kernel ends the largest process soon after this, without a word to it. */
const MEMORY_SHARE = 0.95;
const MEMORY_CLEAR_SHARE = 0.9;

export function memoryNearlyFull(space: Space | undefined): State {
  if (!space) return undefined;
  const share = space.usedBytes / space.totalBytes;
  if (share <= MEMORY_SHARE) return share < MEMORY_CLEAR_SHARE ? 'clear' : undefined;
  const whose = space.limited ? 'The memory that this container or job may use' : 'The memory of the machine';
  return {
    message: `${whose} is nearly full (${formatBytes(space.usedBytes)} of ${formatBytes(space.totalBytes)}): the system may kill the training.`,
  };
}

/** A twentieth of a small disk, and not more than a checkpoint of a large model on a large one. */
const DISK_SHARE = 0.05;
const DISK_MOST_BYTES = 10 * 2 ** 30;

export function diskNearlyFull(disks: readonly Disk[]): State {
  if (disks.length === 0) return undefined;
  const limitOf = (disk: Disk) => Math.min(DISK_SHARE * disk.totalBytes, DISK_MOST_BYTES);
  const full = disks.find((disk) => disk.freeBytes < limitOf(disk));
  if (!full) return disks.every((disk) => disk.freeBytes > 1.5 * limitOf(disk)) ? 'clear' : undefined;
  return {
    message: `The disk of ${full.folder} is nearly full (${formatBytes(full.freeBytes)} of ${formatBytes(full.totalBytes)} left): the next checkpoint may not fit.`,
  };
}
