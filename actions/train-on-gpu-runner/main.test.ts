/** The action as a runner starts it: a process with inputs in its environment, real commands, real signals. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { modelDigest } from '../../shared/models/digest.ts';
import { groupIsAlive } from '../../shared/programs/process-group.ts';
import type { TrainingRun } from '../../shared/records/training-run.ts';
import { createFakeRunner, type FakeRunner } from '../../shared/testing/fake-runner.ts';

const entry = (name: string) => fileURLToPath(new URL(name, import.meta.url));
let runner: FakeRunner;
let started: ChildProcess[] = [];
beforeEach(async () => {
  runner = await createFakeRunner();
  writeFileSync(at('rows.csv'), 'id,y\n1,0\n');
});
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  started = [];
  const group = readIfThere('group');
  if (group && groupIsAlive(Number(group))) process.kill(-Number(group), 'SIGKILL');
  await runner.close();
});

const at = (...parts: string[]) => join(runner.workspace, ...parts);
const readIfThere = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : undefined);
const leftovers = () => readdirSync(runner.workspace).filter((name) => name.includes('.training-'));

function start(file: string, inputs: Record<string, string>, more: Record<string, string> = {}) {
  const env = { ...runner.env, ...runner.inputs({ name: 'demo', comment: 'never', ...inputs }), ...more };
  const child = spawn(process.execPath, [entry(file)], {
    cwd: runner.workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let log = '';
  child.stdout.on('data', (chunk) => {
    log += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    log += String(chunk);
  });
  const ended = new Promise<{ code: number | null; log: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, log })),
  );
  return { child, ended };
}

async function train(command: string, inputs: Record<string, string> = {}) {
  const result = await start('index.ts', { command, data: 'rows.csv', ...inputs }).ended;
  const outputs = await runner.outputs();
  const record = outputs.record
    ? (JSON.parse(readFileSync(outputs.record, 'utf8')) as TrainingRun)
    : undefined;
  return { ...result, outputs, record };
}

/** Trains in a command that notes its group and then waits, started and not yet ended. */
async function startWaiting(inputs: Record<string, string> = {}, command = 'sleep 600') {
  const training = start('index.ts', {
    command: `echo half > "$MODEL_DIR/part"; echo $$ > group.draft; mv group.draft group; ${command}`,
    data: 'rows.csv',
    ...inputs,
  });
  await vi.waitFor(() => expect(existsSync(at('group'))).toBe(true), 20_000);
  return { ...training, group: Number(readIfThere('group')) };
}

describe('a command that succeeds', () => {
  test('goes on when nobody reads its output any more', async () => {
    const { child, ended } = start('index.ts', {
      command: 'until test -f go; do sleep 0.05; done; seq 1 2000000; echo new > "$MODEL_DIR/weights"',
    });
    child.stdout?.destroy();
    child.stderr?.destroy();
    writeFileSync(at('go'), '');
    expect((await ended).code).toBe(0);
    expect(readdirSync(at('model'))).toEqual(['weights']);
    expect(leftovers()).toEqual([]);
  });

  test.each(['rmdir "$MODEL_DIR"', 'rmdir "$MODEL_DIR"; echo x > "$MODEL_DIR"'])(
    'and leaves no model folder fails as one that wrote nothing: %s',
    async (command) => {
      const { code, record, log } = await train(command);
      expect(code, log).toBe(1);
      expect(record).toMatchObject({ verdict: 'fail', model: null });
      expect(record?.reason).toContain('wrote nothing');
    },
  );

  test('gives a model with its digest, metrics with NaN, and replaces an earlier model', async () => {
    mkdirSync(at('model'));
    writeFileSync(at('model', 'stale.bin'), 'old');
    const { code, outputs, record } = await train(
      'test -f "$DATA"; test "$PARAM_LEARNING_RATE" = 0.1; test -d "$SM_CHANNEL_TRAINING"; echo new > "$MODEL_DIR/weights"; ' +
        'echo "{\\"loss\\": NaN, \\"auc\\": 0.75}" > "$METRICS_FILE"; echo "$SM_HPS"',
      { params: 'learning_rate: 0.1', 'metrics-file': 'out/metrics.json' },
    );
    expect(code).toBe(0);
    expect(readdirSync(at('model'))).toEqual(['weights']);
    const { digest } = await modelDigest(at('model'));
    expect(outputs).toMatchObject({ verdict: 'pass', model: 'model', digest });
    expect(record).toMatchObject({
      subject: { digest },
      outcome: 'succeeded',
      params: { learning_rate: 0.1 },
      metrics: { loss: 'NaN', auc: 0.75 },
      model: { digest, fileCount: 1, bytes: 4 },
      data: [{ path: 'rows.csv' }],
      outputTail: ['{"learning_rate":"0.1"}'],
    });
    expect(record?.resources.samples).toBeGreaterThan(0);
    expect(record?.resources.cpuSeconds).toBeGreaterThanOrEqual(0);
    expect(readFileSync(at('out', 'metrics.json'), 'utf8')).toContain('NaN');
    expect(await runner.summary()).toContain('⚠️ NaN');
    expect(leftovers()).toEqual([]);
  });

  test('the same command gives the same digest again', async () => {
    const first = await train('echo same > "$MODEL_DIR/weights"');
    const second = await train('echo same > "$MODEL_DIR/weights"');
    expect(second.outputs.digest).toBe(first.outputs.digest);
  });

  test('a stale metrics file is not taken for this run’s', async () => {
    writeFileSync(at('metrics.json'), '{"auc": 0.99}');
    const { record } = await train('echo new > "$MODEL_DIR/weights"', { 'metrics-file': 'metrics.json' });
    expect(record).toMatchObject({ metrics: {}, metricsProblem: 'the command wrote no metrics' });
  });

  test('several files of data become a folder of links', async () => {
    writeFileSync(at('more.csv'), 'id,y\n2,1\n');
    const { code, record } = await train('cat "$DATA"/*.csv > "$MODEL_DIR/weights"', { data: '*.csv' });
    expect(code).toBe(0);
    expect(record?.data.map((file) => file.path)).toEqual(['more.csv', 'rows.csv']);
  });
});

describe('a command that fails', () => {
  test('is verdict fail with the data as subject, and the earlier model stays', async () => {
    mkdirSync(at('model'));
    writeFileSync(at('model', 'weights'), 'old');
    const { code, outputs, record } = await train(
      'echo half > "$MODEL_DIR/weights"; echo no such column >&2; exit 3',
    );
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ verdict: 'fail' });
    expect(outputs.digest).toBeUndefined();
    expect(record).toMatchObject({
      outcome: 'failed',
      exitCode: 3,
      model: null,
      outputTail: ['no such column'],
    });
    expect(record?.subject.digest).toBe(record?.data[0]?.digest);
    expect(readFileSync(at('model', 'weights'), 'utf8')).toBe('old');
    expect(await runner.summary()).toContain('no such column');
  });

  test('one that writes nothing into MODEL_DIR has no model, even when there is one from before', async () => {
    mkdirSync(at('model'));
    writeFileSync(at('model', 'weights'), 'old');
    const { code, record } = await train('echo mine > model/weights.new');
    expect(code).toBe(1);
    expect(record?.reason).toContain('wrote nothing into the folder that MODEL_DIR names');
  });

  test('one that is over its time is ended with its grandchildren', async () => {
    const { record } = await train(
      'bash -c "echo \\$\\$ > inner; sleep 600 & sleep 600" & echo $$ > group; wait',
      {
        timeout: '700ms',
        grace: '400ms',
      },
    );
    expect(record).toMatchObject({ outcome: 'timed-out', verdict: 'fail', timeoutSeconds: 0.7 });
    expect(groupIsAlive(Number(readIfThere('group')))).toBe(false);
  });

  test('secrets do not get into the record', async () => {
    const training = start(
      'index.ts',
      { command: 'echo key $SERVICE_API_KEY; exit 1', data: 'rows.csv', 'github-token': 'ghs_a-long-token' },
      { SERVICE_API_KEY: 'open-sesame' },
    );
    await training.ended;
    const { record } = await runner.outputs();
    expect(readFileSync(record!, 'utf8')).toContain('key ***');
    expect(readFileSync(record!, 'utf8')).not.toContain('open-sesame');
  });
});

test('what the command prints or writes cannot act as the action', async () => {
  const { log, outputs } = await train(
    'echo "::error::pwned"; echo "  ::set-output name=digest::pwned"; echo "x ##[error]pwned"; ' +
      'echo "digest=pwned" >> "${GITHUB_OUTPUT:-nowhere}"; printenv "INPUT_GITHUB-TOKEN" || true; echo new > "$MODEL_DIR/weights"',
    { 'github-token': 'ghs_a-long-token' },
  );
  const acting = log.split('\n').filter((line) => /^\s*::|##\[/.test(line));
  // The action's own commands begin their line; none of them has anything of the program's in it.
  expect(acting.filter((line) => line.includes('pwned'))).toEqual([]);
  expect(log).toContain('pwned');
  expect(outputs.digest).toMatch(/^sha256:/);
  expect(log.split('\n')).not.toContain('ghs_a-long-token');
});

describe('before the start', () => {
  test('require-gpu fails in seconds and says why', async () => {
    const training = start(
      'index.ts',
      { command: 'touch ran', 'require-gpu': 'true', data: 'rows.csv' },
      { PATH: '/usr/bin:/bin' },
    );
    const { code, log } = await training.ended;
    if (code === 0) return expect(log).toContain('GPU');
    expect(code).toBe(2);
    expect(log).toMatch(/The training cannot start: .*NVIDIA/);
    expect(existsSync(at('ran'))).toBe(false);
  });

  test('a second training into the same folder is refused while the first lives', async () => {
    const first = await startWaiting();
    const second = await train('true');
    expect(second.code).toBe(2);
    expect(second.log).toContain(`Another run (process ${first.child.pid}) is training`);
    expect(groupIsAlive(first.group)).toBe(true);
    first.child.kill('SIGINT');
    await first.ended;
  });
});

describe('rules that end a training', () => {
  const steps = (count: number, loss: string) =>
    `trap 'echo saved > "$MODEL_DIR/weights"; exit 0' INT
     for i in $(seq ${count}); do echo "{\\"step\\": $i, \\"loss\\": ${loss}}"; sleep 0.05; done; sleep 600`;

  test('early-stop ends it in time to save its model', async () => {
    const { code, record, outputs } = await train(steps(4, '0.5'), {
      'early-stop': 'monitor: loss\npatience: 2',
    });
    expect(code).toBe(0);
    expect(record).toMatchObject({
      outcome: 'stopped-early',
      verdict: 'pass',
      stoppedBy: { rule: 'early-stop' },
    });
    expect(outputs.digest).toBe(record?.model?.digest);
    expect(await runner.summary()).toContain('ended early by rule');
  });

  test('stall-timeout ends what neither prints nor computes, and a loss that is no number is a warning', async () => {
    const { code, record } = await train(steps(2, 'NaN'), { 'stall-timeout': '2s' });
    expect(code).toBe(1);
    expect(record).toMatchObject({
      outcome: 'stalled',
      verdict: 'fail',
      stoppedBy: { rule: 'stall-timeout' },
    });
    expect(record?.warnings?.map(({ kind }) => kind)).toContain('not-a-number');
  });

  test('budget-usd ends what costs more, and without a price it is refused', async () => {
    writeFileSync(at('prices.yaml'), 'usd_per_hour: {bench: 3600}\n');
    const priced = { machine: 'bench', prices: 'prices.yaml', 'budget-usd': '1' };
    const { code, record } = await train(steps(2, '0.5'), priced);
    expect(code).toBe(1);
    expect(record).toMatchObject({
      outcome: 'over-budget',
      stoppedBy: { rule: 'budget' },
      cost: { machine: 'bench', usdPerHour: 3600, budgetUsd: 1 },
    });
    expect(record?.cost?.actualUsd).toBeGreaterThan(0.5);
    const refused = await train('touch ran', { 'budget-usd': '1' });
    expect(refused.code).toBe(2);
    expect(refused.log).toContain('A budget needs a price');
    expect(existsSync(at('ran'))).toBe(false);
  });
});

describe('interrupted', () => {
  test('a cancel reaches the whole group at once and lets it save', async () => {
    const training = await startWaiting(
      { 'checkpoint-dir': 'checkpoints', grace: '20s' },
      'trap "echo 7 > $CHECKPOINT_DIR/step; exit 1" INT; sleep 600',
    );
    training.child.kill('SIGINT');
    const { code, log } = await training.ended;
    expect(code).toBe(2);
    expect(log).toContain('it goes on from the checkpoints');
    expect(groupIsAlive(training.group)).toBe(false);
    expect(readFileSync(at('checkpoints', 'step'), 'utf8')).toBe('7\n');
    expect(leftovers()).toEqual([]);

    const again = await train(
      `echo $$ > group.draft; echo half; cp "$CHECKPOINT_DIR/step" "$MODEL_DIR/weights"`,
      {
        'checkpoint-dir': 'checkpoints',
      },
    );
    // Another command is other work: it may not go on from there.
    expect(again.code).toBe(1);
  });

  test('the same work goes on from its checkpoints, and begins anew once it was finished', async () => {
    const command =
      'if test -f "$CHECKPOINT_DIR/step"; then cp "$CHECKPOINT_DIR/step" "$MODEL_DIR/weights"; else echo 4 > "$CHECKPOINT_DIR/step"; exit 1; fi';
    const inputs = { 'checkpoint-dir': 'checkpoints' };
    expect((await train(command, inputs)).record).toMatchObject({ checkpoints: { resumedFrom: 'nothing' } });
    expect((await train(command, inputs)).record).toMatchObject({
      outcome: 'succeeded',
      checkpoints: { kept: true, resumedFrom: 'folder' },
    });
    expect((await train(command, inputs)).record).toMatchObject({
      outcome: 'failed',
      checkpoints: { resumedFrom: 'nothing' },
    });
  });

  test('after kill -9 post ends what still runs and leaves the earlier model', async () => {
    mkdirSync(at('model'));
    writeFileSync(at('model', 'weights'), 'old');
    // The background process ignores SIGINT, as the shell arranges it.
    const training = await startWaiting({ grace: '500ms' }, 'sleep 600 & sleep 600');
    training.child.kill('SIGKILL');
    await training.ended;
    expect(groupIsAlive(training.group)).toBe(true);
    const post = await start('post.ts', { command: 'true' }, await runner.stateEnvironment()).ended;
    expect(post.code).toBe(0);
    expect(groupIsAlive(training.group)).toBe(false);
    expect(leftovers()).toEqual([]);
    expect(readFileSync(at('model', 'weights'), 'utf8')).toBe('old');
  });

  test('after kill -9 post brings the checkpoint away, and another machine goes on from the store', async () => {
    const command = `step=$(cat "$CHECKPOINT_DIR/step" 2>/dev/null || echo 0)
      while [ "$step" -lt 5 ]; do
        step=$((step + 1)); echo "{\\"step\\": $step, \\"loss\\": 0.$((9 - step))}"
        echo "$step" > "$CHECKPOINT_DIR/step.tmp"; mv "$CHECKPOINT_DIR/step.tmp" "$CHECKPOINT_DIR/step"
        if [ "$step" = 3 ] && [ ! -e group ]; then echo $$ > group.draft; mv group.draft group; sleep 600; fi
      done
      echo "weights of $step" > "$MODEL_DIR/weights"`;
    const inputs = {
      command,
      data: 'rows.csv',
      'checkpoint-dir': 'checkpoints',
      'checkpoint-store': 'store',
    };
    const killed = start('index.ts', inputs);
    await vi.waitFor(() => expect(existsSync(at('group'))).toBe(true), 20_000);
    // The metrics of the steps before travel with the checkpoint.
    const seen = at('checkpoints', '.mlops-history.json');
    await vi.waitFor(() => expect(readFileSync(seen, 'utf8')).toContain('"steps":[1,2,3]'), 20_000);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const post = await start('post.ts', inputs, await runner.stateEnvironment()).ended;
    expect(post.code, post.log).toBe(0);
    rmSync(at('checkpoints'), { recursive: true });
    const { record } = await train(command, inputs);
    expect(record).toMatchObject({
      outcome: 'succeeded',
      checkpoints: { resumedFrom: 'store', store: 'store' },
      history: { loss: { steps: [1, 2, 3, 4, 5], values: [0.8, 0.7, 0.6, 0.5, 0.4] } },
    });
    expect(readFileSync(at('model', 'weights'), 'utf8')).toBe('weights of 5\n');
    expect(groupIsAlive(Number(readIfThere('group')))).toBe(false);
  });

  test('after kill -9 without any post the next run ends it and nothing half-written is used', async () => {
    const training = await startWaiting();
    training.child.kill('SIGKILL');
    await training.ended;
    const { code, log, outputs } = await train('echo whole > "$MODEL_DIR/weights"');
    expect(code).toBe(0);
    expect(log).toContain('was killed; what it left behind is cleared away');
    expect(groupIsAlive(training.group)).toBe(false);
    expect(readdirSync(at('model'))).toEqual(['weights']);
    expect(outputs.digest).toBe((await modelDigest(at('model'))).digest);
    expect(leftovers()).toEqual([]);
  });

  test('post after a run that ended well does nothing to the model', async () => {
    await train('echo whole > "$MODEL_DIR/weights"');
    const post = await start('post.ts', { command: 'true' }, await runner.stateEnvironment()).ended;
    expect(post.code).toBe(0);
    expect(post.log).not.toContain('::warning');
    expect(readdirSync(at('model'))).toEqual(['weights']);
  });
});
