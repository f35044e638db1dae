/** A run that is cancelled while it measures, as a runner cancels it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { groupIsAlive } from '../../shared/programs/process-group.ts';
import { type GateFolder, makeGateFolder } from './fixtures/gate-folder.ts';

const COMMAND_LINE = fileURLToPath(new URL('../../cli/index.ts', import.meta.url));
const SERVER = `require("fs").writeFileSync("group", String(process.pid));
require("http").createServer((q, r) => { q.resume(); if (q.url === "/ping") r.end(); }).listen(process.env.PORT, "127.0.0.1")`;

let given: GateFolder;
beforeEach(async () => {
  given = await makeGateFolder();
  await writeFile(given.at('server.cjs'), SERVER);
  await writeFile(given.at('requests.jsonl'), '{}\n');
});
afterEach(() => given.close());

/** The gate as a process of its own, which is sent a signal while it measures. */
async function interrupted(
  signal: NodeJS.Signals,
): Promise<{ code: number | null; said: string; group: number }> {
  const inputs = {
    name: 'flights',
    'working-directory': given.folder,
    predictions: 'good.csv',
    'baseline-predictions': 'poor.csv',
    data: 'data.csv',
    policy: 'gate.yaml',
    model: 'model',
    'serve-command': 'node server.cjs',
    requests: 'requests.jsonl',
  };
  const words = Object.entries(inputs).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(process.execPath, [COMMAND_LINE, 'evaluate-gate', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, GITHUB_REPOSITORY: '' },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('requests sent')) child.kill(signal);
  });
  const [code] = await once(child, 'close');
  return { code, said, group: Number(await readFile(join(given.folder, 'group'), 'utf8')) };
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it quietly, and the server with it', async (signal) => {
  const { code, said, group } = await interrupted(signal);
  expect(code, said).toBe(2);
  expect(said.trimEnd().split('\n').at(-1)).toBe(
    `error: evaluate-gate: The run was cancelled (${signal}). Under way was: How fast the model answers. Nothing was judged or reported.`,
  );
  expect(said).not.toMatch(/AbortError|\n\s+at /);
  expect(groupIsAlive(group)).toBe(false);
});

test.skipIf(process.platform === 'win32')('SIGKILL, which nobody hears, ends the server too', async () => {
  const { code, group } = await interrupted('SIGKILL');
  expect(code).toBeNull();
  await vi.waitFor(() => expect(groupIsAlive(group)).toBe(false), { timeout: 10_000 });
});
