/** Programs that stand still for a while, with real processes and signals. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { holdGroup, type ProgramHold } from './hold.ts';
import { groupMembers, groupWithDescendants, sendSignal } from './process-group.ts';
import { type Program, startProgram } from './run.ts';

const PATIENCE = { timeout: 20_000, interval: 5 };
let folder: string;
let program: Program | undefined;
let hold: ProgramHold | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hold-'));
});
afterEach(async () => {
  hold?.end();
  for (const { pid } of program ? groupWithDescendants(program.pid) : []) process.kill(pid, 'SIGKILL');
  await program?.stop(0);
  [program, hold] = [undefined, undefined];
  rmSync(folder, { recursive: true, force: true });
});

const states = (): string =>
  groupWithDescendants(program!.pid)
    .map(({ state }) => state)
    .join('');
const runs = (): boolean => states() !== '' && !states().includes('T');

async function begin(command: string): Promise<void> {
  let isReady: () => void;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  program = await startProgram({ command, cwd: folder, env: process.env, onLine: () => isReady() });
  await ready;
  hold = holdGroup(program.pid);
}

describe.runIf(process.platform === 'linux')('a program that is held', () => {
  test('stands still with all that it started, in sessions of their own too, and goes on', async () => {
    await begin("(sleep 600 & sleep 600) & setsid bash -c 'sleep 600 & echo ready; wait' & wait");
    expect(new Set(groupWithDescendants(program!.pid).map(({ group }) => group)).size).toBe(2);
    expect(await hold!.hold()).toBe(true);
    expect(states()).toMatch(/^T{5,}$/);
    hold!.release();
    await vi.waitFor(() => expect(runs()).toBe(true), PATIENCE);
    hold!.end();
    expect(await hold!.hold()).toBe(false);
    expect(runs()).toBe(true);
  });

  test('is asked to end as any other: it goes on, and saves', async () => {
    await begin('trap "touch saved; exit 0" INT; echo ready; while :; do sleep 0.01; done');
    await hold!.hold();
    await program!.stop(60_000);
    expect(existsSync(join(folder, 'saved'))).toBe(true);
  });

  test('that has ended is not held, nor is a stranger', async () => {
    await begin('echo ready');
    await program!.exited;
    expect(await hold!.hold()).toBe(false);
  });

  test('goes on when the one that holds it is killed', async () => {
    const source = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
    const code = `import { startProgram } from ${source('run.ts')};
import { holdGroup } from ${source('hold.ts')};
import { writeFileSync, renameSync } from 'node:fs';
const command = "setsid sh -c 'echo ready; exec sleep 600' & wait";
const begun = Promise.withResolvers();
const { pid } = await startProgram({ command, env: process.env, onLine: begun.resolve });
await begun.promise;
const hold = holdGroup(pid);
for (let times = 0; times < 2; times++) { await hold.hold(); if (times === 0) hold.release(); }
writeFileSync('group.draft', String(pid)); renameSync('group.draft', 'group');
setInterval(() => undefined, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    await vi.waitFor(() => expect(existsSync(join(folder, 'group'))).toBe(true), PATIENCE);
    const group = Number(readFileSync(join(folder, 'group'), 'utf8'));
    const all = groupWithDescendants(group);
    const found = () => groupWithDescendants(group).map(({ state }) => state);
    try {
      expect(all.length).toBeGreaterThan(groupMembers(group).length);
      expect(new Set(found())).toEqual(new Set(['T']));
      holder.kill('SIGKILL');
      await once(holder, 'exit');
      await vi.waitFor(() => {
        expect(found()).toHaveLength(all.length);
        expect(found()).not.toContain('T');
      }, PATIENCE);
    } finally {
      for (const { pid } of all) process.kill(pid, 'SIGKILL');
      sendSignal(group, 'SIGKILL');
    }
  });
});
