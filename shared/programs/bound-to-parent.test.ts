/** Programs that must not outlive the process that started them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { groupIsAlive } from './process-group.ts';
import { startProgram } from './run.ts';

const RUN = new URL('run.ts', import.meta.url).href;
const FOREVER = 'sleep 600 & sleep 600';

/** A process that starts a program and then is killed, once the program runs. @returns the program's group. */
async function startAndDie(options: object): Promise<number> {
  const program = `import { startProgram } from ${JSON.stringify(RUN)};
const { pid } = await startProgram(${JSON.stringify({ command: FOREVER, env: { PATH: process.env.PATH }, ...options })});
process.stdout.write(String(pid));
setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(parent.stdout, 'data');
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  return Number(String(said));
}

describe.skipIf(process.platform === 'win32')('a program that ends with its parent', () => {
  test('is killed with all it started when its parent is killed', async () => {
    const group = await startAndDie({ endsWithParent: true });
    await vi.waitFor(() => expect(groupIsAlive(group)).toBe(false), { timeout: 10_000 });
  });

  test('others go on, which somebody else ends', async () => {
    const group = await startAndDie({});
    expect(groupIsAlive(group)).toBe(true);
    process.kill(-group, 'SIGKILL');
  });

  test('ends by itself as any other, and what it left behind is not touched', async () => {
    const program = await startProgram({
      command: 'sleep 600 > /dev/null 2>&1 & exit 3',
      env: { PATH: process.env.PATH },
      endsWithParent: true,
    });
    expect(await program.exited).toMatchObject({ code: 3 });
    expect(program.isAlive()).toBe(true);
    await program.stop(0);
    expect(program.isAlive()).toBe(false);
  });

  test('cannot be one that outlives it', async () => {
    const both = { command: 'true', env: {}, logFile: '/dev/null', detached: true, endsWithParent: true };
    await expect(startProgram(both)).rejects.toThrow(/outlives its parent/);
  });
});
