/** What a training prints is passed on and not kept: the action's memory does not grow with it. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFakeRunner, type FakeRunner } from '../../../shared/testing/fake-runner.ts';
import { spawnAction } from '../fixtures/spawn-action.ts';

let runner: FakeRunner;
beforeEach(async () => {
  runner = await createFakeRunner();
});
afterEach(() => runner.close());

/** Bytes of output. */
const MARKS = [4e6, 30e6] as const;
/** Of what is printed between the marks; a tail, the buffers under way and compiled code are less. */
const MOST_KEPT_SHARE = 0.1;

/** In the action's process: counts what goes out, and says what is in use once each mark is passed. */
const METER = `
const marks = ${JSON.stringify(MARKS)};
const write = process.stdout.write.bind(process.stdout);
let bytes = 0;
process.stdout.write = (chunk, ...rest) => {
  bytes += Buffer.byteLength(chunk);
  if (bytes >= marks[0]) {
    marks.shift();
    gc();
    const { heapUsed, external } = process.memoryUsage();
    process.stderr.write('used ' + (heapUsed + external) + '\\n');
  }
  return write(chunk, ...rest);
};
`;

test('lines without end, some with metrics, leave nothing behind', async () => {
  const meter = join(runner.folder, 'meter.mjs');
  await writeFile(meter, METER);
  await writeFile(
    join(runner.workspace, 'print.mjs'),
    `import { writeSync } from 'node:fs';
const block = Array.from({ length: 500 }, (_, index) => 'batch ' + index + ' ' + 'x'.repeat(100 + (index % 7))).join('\\n');
for (let step = 0, printed = 0; printed < ${MARKS[1] * 1.1}; step++) {
  const text = block + '\\n{"step": ' + step + ', "loss": ' + 1 / (step + 1) + '}\\n';
  for (let at = 0; at < text.length; ) at += writeSync(1, text.slice(at));
  printed += text.length;
}`,
  );
  const action = spawnAction(
    runner,
    { command: `${JSON.stringify(process.execPath)} print.mjs; echo weights > "$MODEL_DIR/model"` },
    { words: ['--expose-gc', `--import=${meter}`] },
  );
  let said = '';
  action.stderr!.setEncoding('utf8').on('data', (text) => (said += text));
  action.stdout!.resume();
  const [code] = await once(action, 'close');
  expect(code, said).toBe(0);
  const used = [...said.matchAll(/^used (\d+)$/gm)].map(([, bytes]) => Number(bytes));
  expect(used).toHaveLength(MARKS.length);
  const kept = used[1]! - used[0]!;
  expect(kept, `${used}`).toBeLessThan(MOST_KEPT_SHARE * (MARKS[1] - MARKS[0]));
});
