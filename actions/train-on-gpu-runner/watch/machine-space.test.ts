import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { disksOf, memoryLimit, memorySpace } from './machine-space.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'machine-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

const MEMINFO = 'MemTotal:       8000 kB\nMemFree:  10 kB\nMemAvailable:   2000 kB\n';
const GROUP = { 'memory.current': '3000000\n', 'memory.stat': 'anon 1\ninactive_file 500000\n' };
const inFolder = (folder: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [join(folder, name), text]));

test('the machine, where no control group limits it', () => {
  put({
    'proc/meminfo': MEMINFO,
    'proc/self/cgroup': '0::/a/b\n',
    ...inFolder('sys/fs/cgroup/a/b', { ...GROUP, 'memory.max': 'max\n' }),
  });
  expect(memorySpace(root)).toEqual({ usedBytes: 6000 * 1024, totalBytes: 8000 * 1024, limited: false });
});

test('the tightest group of version 2, without pages that can be given back', () => {
  put({
    'proc/meminfo': MEMINFO,
    'proc/self/cgroup': '0::/a/b\n',
    ...inFolder('sys/fs/cgroup/a/b', { ...GROUP, 'memory.max': '7000000\n' }),
    ...inFolder('sys/fs/cgroup/a', { ...GROUP, 'memory.max': '4000000\n' }),
  });
  expect(memorySpace(root)).toEqual({ usedBytes: 2_500_000, totalBytes: 4_000_000, limited: true });
  expect(memoryLimit(root)).toBe(4_000_000);
});

test('a container under version 1, and its word for no limit', () => {
  const folder = (limit: string) => ({
    'proc/meminfo': MEMINFO,
    'proc/self/cgroup': '5:cpu,cpuacct:/x\n4:memory:/docker/1\n',
    ...inFolder('sys/fs/cgroup/memory', {
      'memory.usage_in_bytes': '3000000\n',
      'memory.limit_in_bytes': limit,
      'memory.stat': 'inactive_file 7\ntotal_inactive_file 1000000\n',
    }),
  });
  put(folder('4000000\n'));
  expect(memorySpace(root)).toEqual({ usedBytes: 2_000_000, totalBytes: 4_000_000, limited: true });
  put(folder('9223372036854771712\n'));
  expect(memorySpace(root)?.limited).toBe(false);
});

test('nobody tells', () => {
  expect(memorySpace(root)).toBeUndefined();
  expect(memoryLimit(root)).toBeGreaterThan(0);
});

test('each disk once, by the nearest folder that there is', () => {
  const [disk, ...more] = disksOf([join(root, 'not/yet'), root]);
  expect(disk!.totalBytes).toBeGreaterThan(0);
  expect(more).toEqual([]);
});
