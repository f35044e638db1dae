/** kill -9 of the action: what it had started to watch the training does not stay behind. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { groupIsAlive, sendSignal } from '../../../shared/programs/process-group.ts';
import { createFakeRunner, type FakeRunner } from '../../../shared/testing/fake-runner.ts';
import { spawnAction, standIn } from '../fixtures/spawn-action.ts';

const PATIENCE = { timeout: 20_000 };
let runner: FakeRunner;
beforeEach(async () => {
  runner = await createFakeRunner();
});
afterEach(() => runner.close());

const ROW =
  '2026/11/24 09:14:02.117, 0, GPU-0, Tesla T4, 535.183.01, 90, 0, 4, 15360, 30, 70, 31, 210, P0, 0, 0x0';

test.runIf(process.platform === 'linux')('the tool that repeats its answer is ended', async () => {
  // It says nothing more, so that no broken pipe ends it, and its own child holds on to everything.
  await standIn(
    runner,
    'nvidia-smi',
    `echo '${ROW}'; case "$*" in *--loop-ms*) echo $$ > ${runner.folder}/tool; sleep 600; esac`,
  );
  const action = spawnAction(runner, { command: `echo $$ > ${runner.folder}/command; exec sleep 600` });
  const numberIn = (file: string) => Number(readFileSync(join(runner.folder, file), 'utf8').trim() || NaN);
  try {
    await vi.waitFor(() => {
      for (const file of ['tool', 'command']) expect(groupIsAlive(numberIn(file))).toBe(true);
    }, PATIENCE);
    action.kill('SIGKILL');
    await once(action, 'exit');
    await vi.waitFor(() => expect(groupIsAlive(numberIn('tool'))).toBe(false), PATIENCE);
    // The command may be saving its checkpoint; ending it is left to `post`.
    expect(groupIsAlive(numberIn('command'))).toBe(true);
  } finally {
    action.kill('SIGKILL');
    for (const file of ['tool', 'command']) sendSignal(numberIn(file), 'SIGKILL');
  }
});
