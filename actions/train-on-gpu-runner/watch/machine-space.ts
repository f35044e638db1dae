import { readFileSync, statfsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Memory and disk that are left to a training, as the system and its control group tell. */

export interface Space {
  usedBytes: number;
  totalBytes: number;
  /** Whether a control group (a container, a systemd slice) sets the limit and not the machine. */
  limited: boolean;
}

/**
 * Memory in use and its limit: of the control group of this process (version 2 or 1) where it has one, otherwise of
 * the machine. Pages of files that can be given back at once do not count as used. Undefined where nobody tells.
 * @param root the root of the file system, another one in tests.
 */
export function memorySpace(root = '/'): Space | undefined {
  const machine = machineMemory(root);
  const limits = [groupMemoryV2(root), groupMemoryV1(root)].filter((space) => space !== undefined);
  const group = limits.find(({ totalBytes }) => machine === undefined || totalBytes < machine.totalBytes);
  return group ?? machine;
}

function machineMemory(root: string): Space | undefined {
  const text = read(join(root, 'proc/meminfo'));
  if (text === undefined) return undefined;
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]);
  const [total, available] = [kibibytes('MemTotal') * 1024, kibibytes('MemAvailable') * 1024];
  if (!(total > 0 && available >= 0)) return undefined;
  return { usedBytes: total - available, totalBytes: total, limited: false };
}

/** The tightest limit of the group and those above it. */
function groupMemoryV2(root: string): Space | undefined {
  const own = /^0::(.*)$/m.exec(read(join(root, 'proc/self/cgroup')) ?? '')?.[1];
  if (own === undefined) return undefined;
  const top = join(root, 'sys/fs/cgroup');
  let tightest: Space | undefined;
  for (let folder = join(top, own); folder.startsWith(top); folder = dirname(folder)) {
    const space = groupSpace(folder, 'memory.current', 'memory.max', 'inactive_file');
    if (space && (!tightest || space.totalBytes < tightest.totalBytes)) tightest = space;
  }
  return tightest;
}

function groupMemoryV1(root: string): Space | undefined {
  const own = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(
    read(join(root, 'proc/self/cgroup')) ?? '',
  )?.[1];
  if (own === undefined) return undefined;
  const files = ['memory.usage_in_bytes', 'memory.limit_in_bytes', 'total_inactive_file'] as const;
  const top = join(root, 'sys/fs/cgroup/memory');
  // Inside a container the group's own folder is the top one.
  return groupSpace(join(top, own), ...files) ?? groupSpace(top, ...files);
}

function groupSpace(folder: string, used: string, limit: string, reclaimable: string): Space | undefined {
  const text = read(join(folder, limit))?.trim();
  const total = text === undefined || text === 'max' ? Number.NaN : Number(text);
  // Version 1 says "no limit" as a number near 2^63.
  if (!(total > 0 && total < 2 ** 60)) return undefined;
  const current = Number(read(join(folder, used))?.trim());
  if (!(current >= 0)) return undefined;
  const inactive = Number(
    new RegExp(`^${reclaimable} (\\d+)$`, 'm').exec(read(join(folder, 'memory.stat')) ?? '')?.[1] ?? 0,
  );
  return { usedBytes: Math.max(0, current - inactive), totalBytes: total, limited: true };
}

/** All memory that a program here may use. */
export function memoryLimit(root = '/'): number {
  return memorySpace(root)?.totalBytes ?? totalmem();
}

export interface Disk {
  folder: string;
  freeBytes: number;
  totalBytes: number;
}

/** The disks of folders, of which some may not exist yet; each disk once. */
export function disksOf(folders: readonly string[]): Disk[] {
  const disks = new Map<string, Disk>();
  for (const folder of folders) {
    for (let path = resolve(folder); ; path = dirname(path)) {
      try {
        const { bavail, blocks, bsize, files } = statfsSync(path);
        const disk = { folder, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
        const key = `${disk.totalBytes}:${files}`;
        if (disk.totalBytes > 0 && !disks.has(key)) disks.set(key, disk);
        break;
      } catch {
        if (path === dirname(path)) break;
      }
    }
  }
  return [...disks.values()];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Memory and disks of a machine. @param options `space` tells them in place of this machine; without folders it is another. */
export function spaceOf(options: {
  space?: (() => { memory: Space | undefined; disks: readonly Disk[] }) | undefined;
  folders?: readonly string[];
}): { memory: Space | undefined; disks: readonly Disk[] } | undefined {
  if ('space' in options) return options.space?.();
  return options.folders && { memory: memorySpace(), disks: disksOf(options.folders) };
}
