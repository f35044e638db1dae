import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../errors.ts';
import { programEnvironment } from './environment.ts';
import { groupIsAlive, groupMembers, processIdentity } from './process-group.ts';
import { runProgram, startProgram } from './run.ts';

const env = { PATH: process.env.PATH, HOME: process.env.HOME };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'programs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(command: string, options: Partial<Parameters<typeof runProgram>[0]> = {}) {
  const lines: string[] = [];
  const result = await runProgram({
    command,
    env,
    cwd: folder,
    onLine: (line) => lines.push(line),
    ...options,
  });
  return { ...result, lines };
}

describe('runProgram', () => {
  test('gives the exit status and the lines of both streams in order', async () => {
    const result = await run('echo one; echo two >&2; echo three; exit 7');
    expect(result).toMatchObject({ exitCode: 7, timedOut: false, cancelled: false });
    expect(result.lines).toEqual(['one', 'two', 'three']);
  });

  test('stops at the first command that fails, also inside a pipe', async () => {
    expect(await run('false | cat; echo never')).toMatchObject({ exitCode: 1, lines: [] });
  });

  test('ends a command that is over its time, together with its grandchildren', async () => {
    const result = await run('sleep 600 & bash -c "sleep 600 & echo $$ > group; sleep 600"', {
      timeoutMs: 300,
      graceMs: 400,
    });
    expect(result).toMatchObject({ timedOut: true, cancelled: false });
    expect(groupMembers(Number(readFileSync(join(folder, 'group'), 'utf8')))).toEqual([]);
  });

  test('asks by SIGINT first and waits for the program to save', async () => {
    const controller = new AbortController();
    const result = await run(
      'trap "echo saving; echo saved > kept; exit 3" INT; echo ready; sleep 600 & wait',
      {
        signal: controller.signal,
        graceMs: 20_000,
        onLine: (line) => line === 'ready' && controller.abort(),
      },
    );
    expect(result).toMatchObject({ cancelled: true, exitCode: 3 });
    expect(readFileSync(join(folder, 'kept'), 'utf8')).toBe('saved\n');
  });

  test('kills what ignores both signals at the end of the grace time', async () => {
    const controller = new AbortController();
    const result = await run('trap "" INT TERM; echo ready; while true; do sleep 600 || true; done', {
      signal: controller.signal,
      graceMs: 200,
      onLine: (line) => line === 'ready' && controller.abort(),
    });
    expect(result).toMatchObject({ cancelled: true, exitCode: 137, exitSignal: 'SIGKILL' });
  });

  test('does not start anything when it is cancelled before', async () => {
    const result = await run('touch started', { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ cancelled: true });
    expect(() => readFileSync(join(folder, 'started'))).toThrow();
  });

  test('ends what a finished command left behind and does not wait for its output', async () => {
    const result = await run('echo $$ > group; (trap "" INT TERM; sleep 600) & echo done', { graceMs: 200 });
    expect(result).toMatchObject({ exitCode: 0, lines: ['done'] });
    expect(groupIsAlive(Number(readFileSync(join(folder, 'group'), 'utf8')))).toBe(false);
  });

  test('reads no faster than its own output is taken, and loses nothing', async () => {
    const source = new URL('./run.ts', import.meta.url).href;
    const program = join(folder, 'loud.ts');
    // 15 MB through a reader that takes its time: what is not read yet must wait in the program and not in memory.
    writeFileSync(
      program,
      `import { runProgram } from ${JSON.stringify(source)};
       let peak = 0;
       await runProgram({ command: 'seq 1 2000000', env: process.env, onLine: (line) => {
         process.stdout.write(line + '\\n');
         peak = Math.max(peak, process.stdout.writableLength);
       } });
       process.stdout.write('', () => process.stderr.write(String(peak)));`,
    );
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
    let peak = '';
    child.stderr.on('data', (chunk) => {
      peak += String(chunk);
    });
    const closed = new Promise((resolve) => child.once('close', resolve));
    let bytes = 0;
    for await (const chunk of child.stdout) {
      bytes += chunk.length;
      const until = performance.now() + 2;
      while (performance.now() < until);
    }
    await closed;
    expect(bytes).toBe(14_888_896);
    expect(Number(peak)).toBeLessThan(4e6);
    expect(Number(peak)).toBeGreaterThan(1e6);
  }, 60_000);

  test('says that a working folder is missing', async () => {
    await expect(run('true', { cwd: join(folder, 'nowhere') })).rejects.toThrow(UserError);
  });
});

describe('startProgram', () => {
  test('does not run the first command before beforeStart has ended', async () => {
    let early = true;
    const program = await startProgram({
      command: 'echo started > mark',
      env,
      cwd: folder,
      beforeStart: async (group) => {
        expect(groupIsAlive(group)).toBe(true);
        early = existsNow(join(folder, 'mark'));
      },
    });
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(early).toBe(false);
    expect(existsNow(join(folder, 'mark'))).toBe(true);
  });

  test('ends the waiting program when beforeStart fails', async () => {
    let group = 0;
    const failing = startProgram({
      command: 'touch mark',
      env,
      cwd: folder,
      beforeStart: async (pid) => {
        group = pid;
        throw new Error('the disk is full');
      },
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect(groupIsAlive(group)).toBe(false);
    expect(existsNow(join(folder, 'mark'))).toBe(false);
  });

  test('a program whose starter is killed before it has written it down never runs', async () => {
    const starter = join(folder, 'starter.ts');
    const source = new URL('./run.ts', import.meta.url).href;
    writeFileSync(
      starter,
      `import { startProgram } from ${JSON.stringify(source)};
       await startProgram({ command: 'touch mark', env: process.env, cwd: ${JSON.stringify(folder)},
         beforeStart: async (group) => { console.log(group); await new Promise(() => setInterval(() => 0, 1000)); } });`,
    );
    const child = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'] });
    const group = await new Promise<number>((resolve) =>
      child.stdout.once('data', (chunk) => resolve(Number(String(chunk)))),
    );
    expect(groupIsAlive(group)).toBe(true);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(groupIsAlive(group)).toBe(false), 10_000);
    expect(existsNow(join(folder, 'mark'))).toBe(false);
  });

  test('a detached program writes to its file and is ended by its group', async () => {
    const program = await startProgram({
      command: 'echo here; exec sleep 600',
      env,
      cwd: folder,
      logFile: join(folder, 'log'),
      detached: true,
    });
    await vi.waitFor(() => expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('here\n'), 10_000);
    expect(processIdentity(program.pid)).toBeDefined();
    await program.stop(1_000);
    expect(groupIsAlive(program.pid)).toBe(false);
  });
});

describe('programEnvironment', () => {
  test('keeps the inputs, the outputs and the runner’s credentials from the program', () => {
    const given = {
      PATH: '/bin',
      'INPUT_GITHUB-TOKEN': 'secret',
      ACTIONS_RUNTIME_TOKEN: 'secret',
      GITHUB_OUTPUT: '/tmp/output',
      GITHUB_SHA: 'abc',
    };
    expect(programEnvironment(given, { MODEL_DIR: 'm', GITHUB_SHA: undefined }, '/venv/bin')).toEqual({
      PATH: '/venv/bin:/bin',
      VIRTUAL_ENV: '/venv',
      PYTHONUNBUFFERED: '1',
      MODEL_DIR: 'm',
    });
  });
});

function existsNow(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

test('a variable that is too long for the system is a mistake of the user', async () => {
  const long = 'x'.repeat(4_000_000);
  await expect(runProgram({ command: 'true', env: { ...process.env, LONG: long } })).rejects.toThrow(
    'longer than this system allows',
  );
});
