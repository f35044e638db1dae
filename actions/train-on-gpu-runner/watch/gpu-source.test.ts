import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sampleOf } from '../fixtures/gpu-samples.ts';
import { openGpuSource } from './gpu-source.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nvidia-smi-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A stand-in for the tool that runs this shell script; each start is a line of `starts`. */
function standIn(script: string) {
  const path = join(folder, 'nvidia-smi');
  writeFileSync(path, `#!/bin/sh\necho "$$ $*" >> ${folder}/starts\n${script}\n`);
  chmodSync(path, 0o755);
  return {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    starts: () => readFileSync(join(folder, 'starts'), 'utf8').trim().split('\n'),
  };
}

const row = (index: number, use: number) =>
  `2026/11/24 09:14:02.117, ${index}, GPU-${index}, Tesla T4, 535.183.01, ${use}, 0, 4, 15360, 30, 70, 31, 210, P0, 0, 0x1`;
const two = [sampleOf({ index: 0 }), sampleOf({ index: 1 })];
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test.runIf(process.platform === 'linux')(
  'one tool gives every answer, and ends with the training',
  async () => {
    const tool = standIn(
      `echo '${row(0, 11)}'; echo '${row(1, 12)}'; echo '${row(0, 21)}'; echo '${row(1, 22)}'; exec sleep 1000`,
    );
    const source = openGpuSource({
      env: tool.env,
      first: two,
      everyMs: 1_000_000,
      query: async () => ({ samples: [] }),
    });
    expect(await source.samples()).toEqual(two);
    await vi.waitFor(
      async () => {
        expect((await source.samples()).map((gpu) => gpu.utilisation)).toEqual([21, 22]);
      },
      { timeout: 20_000 },
    );
    const [start, ...more] = tool.starts();
    expect(more).toEqual([]);
    expect(start).toContain('--loop-ms=1000000');
    source.end();
    await vi.waitFor(() => expect(isAlive(Number(start!.split(' ')[0]))).toBe(false), { timeout: 20_000 });
    expect(await source.samples()).toEqual([]);
  },
);

test('an older driver is asked in its words', async () => {
  const tool = standIn(
    `case "$*" in *clocks_event*) echo 'Field "clocks_event_reasons.active" is not a valid field to query.';; *) echo '${row(0, 33)}'; exec sleep 1000;; esac`,
  );
  const source = openGpuSource({ env: tool.env, first: two.slice(0, 1), everyMs: 1_000_000 });
  await vi.waitFor(async () => expect((await source.samples())[0]?.utilisation).toBe(33), {
    timeout: 20_000,
  });
  expect(tool.starts()).toHaveLength(2);
  source.end();
});

test.each([
  ['does not know the option', 'echo "Invalid combination of input arguments."; exit 2'],
  ['is not there', undefined],
])('a tool that %s is asked each time', async (_what, script) => {
  const env = script === undefined ? { PATH: folder } : standIn(script).env;
  const asked = [sampleOf({ utilisation: 44 })];
  const source = openGpuSource({
    env,
    first: two,
    everyMs: 1_000_000,
    query: async () => ({ samples: asked }),
  });
  await vi.waitFor(async () => expect(await source.samples()).toEqual(asked), { timeout: 20_000 });
  source.end();
});

test('an answer that does not come any more is not taken for one of now', async () => {
  const tool = standIn(`echo '${row(0, 55)}'; exec sleep 1000`);
  let now = 0;
  const source = openGpuSource({
    env: tool.env,
    first: two.slice(0, 1),
    everyMs: 1_000,
    now: () => now,
    query: async () => ({ problem: 'failed', message: '' }),
  });
  await vi.waitFor(
    async () => {
      now += 1;
      expect((await source.samples())[0]?.utilisation).toBe(55);
    },
    { timeout: 20_000 },
  );
  now += 3_001;
  expect(await source.samples()).toEqual([]);
  source.end();
});
