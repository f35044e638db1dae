import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tryLock, withLock } from './lock.ts';
import { isAlive, isOfEarlierBoot, ownIdentity } from './process-identity.ts';

const CHILD = fileURLToPath(new URL('./fixtures/lock-child.ts', import.meta.url));

describe('the lock of a registry folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('lets one in at a time within a process, and is free again after a failure', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    };
    await Promise.all(Array.from({ length: 20 }, () => withLock(folder, work)));
    expect(most).toBe(1);
    await expect(withLock(folder, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(folder, async () => 'free')).toBe('free');
    expect((await readdir(folder)).length).toBeLessThan(25);
  });

  test('survives kill -9 of its holders and never has two', async () => {
    const counter = join(folder, 'counter');
    const lock = join(folder, 'lock');
    await writeFile(counter, '0');
    let acknowledged = 0;
    let killed = 0;
    const life = async (steps: number) => {
      const child = spawn(process.execPath, [CHILD, lock, counter], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let own = 0;
      for await (const chunk of child.stdout) {
        acknowledged += (chunk as Buffer).length;
        own += (chunk as Buffer).length;
        if (own >= steps && !child.killed) {
          child.kill('SIGKILL');
          killed += 1;
        }
      }
    };
    await Promise.all([3, 17, 40, 60].map((steps) => life(steps)));
    await Promise.all([5, 25].map((steps) => life(steps)));
    // A step may be done and not yet told when its process is killed, never more than that.
    const counted = await withLock(lock, async () => Number(await readFile(counter, 'utf8')));
    expect(killed).toBe(6);
    expect(counted).toBeGreaterThanOrEqual(acknowledged);
    expect(counted).toBeLessThanOrEqual(acknowledged + killed);
  });

  test('knows the living from the dead, also when a number is used again', () => {
    const [pid, started, machine] = ownIdentity().split('.');
    expect(isAlive(ownIdentity(), 0)).toBe(true);
    if (process.platform === 'linux')
      expect(isAlive(`${pid}.${Number(started) - 1}.${machine}`, 0)).toBe(false);
    expect(isAlive(`4194303.1.${machine}`, 0)).toBe(false);
    expect(isAlive(`x.1.${machine}`, 0)).toBe(false);
    expect(isAlive(`${pid}.${started}.elsewhere`, 1_000)).toBe(true);
    expect(isAlive(`${pid}.${started}.elsewhere`, 61_000, 60_000)).toBe(false);
  });

  test('that a dead process left goes to one of those who reach for it at once, and is never taken from him', async () => {
    for (let round = 0; round < 20; round++) {
      const lock = join(folder, String(round));
      const [, , machine] = ownIdentity().split('.');
      await (await tryLock(lock, 60_000))?.();
      await writeFile(join(lock, '1'), `4194303.1.${machine}`);
      const taken = await Promise.all(Array.from({ length: 8 }, () => tryLock(lock, 60_000)));
      const holders = taken.filter((release) => release !== undefined);
      expect(holders).toHaveLength(1);
      expect(await tryLock(lock, 60_000)).toBeUndefined();
      await holders[0]!();
      expect(await tryLock(lock, 60_000)).toBeDefined();
    }
  });

  test('that was held before this machine was started again is free at once, whoever has the number now', async () => {
    const [pid, started, place = ''] = ownIdentity().split('.');
    const [machine, boot, namespace] = place.split('-');
    const at = (...parts: (string | undefined)[]) => `${pid}.${started}.${parts.join('-')}`;
    expect(isOfEarlierBoot(at(machine, 'another', namespace))).toBe(true);
    expect(isOfEarlierBoot(at('another', 'another', namespace))).toBe(false);
    expect(isOfEarlierBoot(at(machine, boot, 'another'))).toBe(false);
    expect(isOfEarlierBoot(ownIdentity())).toBe(false);
    expect(isOfEarlierBoot('1.1.elsewhere')).toBe(false);
    const day = 24 * 3_600_000;
    await (await tryLock(folder, day))?.();
    // Another machine's, and one of another container on this machine, count for as long as was said.
    for (const holder of [at('another', boot, namespace), at(machine, boot, 'another')]) {
      await writeFile(join(folder, '1'), holder);
      expect(await tryLock(folder, day)).toBeUndefined();
    }
    await writeFile(join(folder, '1'), at(machine, 'another', namespace));
    expect(await tryLock(folder, day)).toBeDefined();
  });

  test('of a dead job on another machine is taken after a minute', async () => {
    await withLock(folder, async () => undefined);
    const held = join(folder, '1');
    await writeFile(held, '1.1.elsewhere');
    await utimes(held, new Date(Date.now() - 61_000), new Date(Date.now() - 61_000));
    expect(await withLock(folder, async () => 'taken')).toBe('taken');
  });
});
