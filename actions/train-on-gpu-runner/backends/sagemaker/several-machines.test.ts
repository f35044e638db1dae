/** Jobs with `instance-count` over one, on a stand-in of the service that runs the command on each machine. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jobStage } from '../../fixtures/sagemaker-jobs.ts';
import { readMetricDefinitions } from '../../watch/metric-definitions.ts';
import { TrainingWatch } from '../../watch/watch.ts';

const stage = jobStage();

async function train(command: string, count: number, inputs = {}, onLine?: (line: string) => void) {
  await stage.write({ 'a.txt': 'a' });
  const backend = await stage.open({ instanceCount: count, ...inputs });
  const name = await backend.submit(stage.work(command));
  return { backend, name, ...(await stage.follow(backend, name, onLine && { onLine })) };
}

test('each machine knows itself and the others, and what they leave comes back together', async () => {
  // More than nine: their names in their order are algo-1, algo-10, algo-11, algo-2 …
  const { backend, name, lines, ...outcome } = await train(
    `echo "$SM_CURRENT_HOST $SM_CURRENT_HOST_RANK/$SM_HOST_COUNT $SM_MASTER_ADDR:$SM_MASTER_PORT $SM_NETWORK_INTERFACE_NAME"
    echo "$SM_CURRENT_HOST" > "$MODEL_DIR/shard-$SM_CURRENT_HOST_RANK"
    echo "{\\"rank\\": $SM_CURRENT_HOST_RANK}" > "$METRICS_FILE"; cat "$METRICS_FILE" > /dev/null`,
    11,
  );
  expect(outcome).toMatchObject({ exitCode: 0, job: { count: 11 } });
  expect(lines.toSorted()).toEqual(
    [
      'algo-1 0/11 algo-1:7777 eth0',
      '[algo-10] algo-10 1/11 algo-1:7777 eth0',
      '[algo-11] algo-11 2/11 algo-1:7777 eth0',
      ...[2, 3, 4, 5, 6, 7, 8, 9].map(
        (number) => `[algo-${number}] algo-${number} ${number + 1}/11 algo-1:7777 eth0`,
      ),
    ].toSorted(),
  );
  const into = stage.into();
  await backend.collect(name, into);
  expect(await readdir(into.model)).toHaveLength(11);
  expect(await readFile(join(into.model, 'shard-1'), 'utf8')).toBe('algo-10\n');
  expect(await readFile(into.metrics, 'utf8')).toBe('{"rank": 0}\n');
});

test('a machine that fails ends the job with its exit status and its reason', async () => {
  const outcome = await train('if [ "$SM_CURRENT_HOST_RANK" = 1 ]; then exit 7; fi; sleep 600', 2);
  expect(outcome).toMatchObject({
    exitCode: 7,
    lines: ['[algo-2] The command ended with exit status 7.'],
    failure: expect.stringContaining('The command ended with exit status 7.'),
  });
});

test('spot machines are taken away together and go on from the checkpoints of all', async () => {
  const {
    lines,
    job: _,
    ...outcome
  } = await train(
    `mine="$CHECKPOINT_DIR/$SM_CURRENT_HOST"
    if [ -e "$mine" ]; then echo "on from $(cat "$CHECKPOINT_DIR"/algo-*)"; echo w > "$MODEL_DIR/$SM_CURRENT_HOST"; exit; fi
    echo "1" > "$mine.draft"; mv "$mine.draft" "$mine"; echo saved; sleep 600 & wait`,
    2,
    { spot: true },
    taking(2),
  );
  expect(outcome).toMatchObject({ exitCode: 0, interrupted: false });
  expect(lines.filter((line) => line.includes('on from')).toSorted()).toEqual([
    '[algo-2] on from 1',
    'on from 1',
  ]);
});

/** Takes the job's machines away once so many have saved. */
function taking(count: number): (line: string) => void {
  let saved = 0;
  return (line) => {
    if (!line.endsWith('saved') || ++saved !== count) return;
    const [job] = [...stage.fake.state.trainingJobs.keys()];
    stage.fake.interrupt(job!);
  };
}

test('a metric that every machine prints counts once for each step', async () => {
  const points: { name: string; value: number }[] = [];
  const shown: string[] = [];
  const { definitions } = await readMetricDefinitions('- {Name: loss, Regex: "loss=([0-9.]+)"}');
  const watch = new TrainingWatch({
    metricDefinitions: definitions,
    space: undefined,
    onLine: (text) => shown.push(text),
    onProgress: () => undefined,
    onWarning: () => undefined,
    onPoint: ({ name, value }) => points.push({ name, value }),
  });
  for (const machine of [undefined, 'algo-2']) {
    watch.line('loss=0.5', machine);
    watch.line('{"step": 3, "loss": 0.25}', machine);
  }
  watch.flush();
  expect(points).toEqual([
    { name: 'loss', value: 0.5 },
    { name: 'loss', value: 0.25 },
  ]);
  expect(shown.join('\n')).toContain('[algo-2] loss=0.5');
});
