/** Training jobs against a stand-in of the service that runs the real command. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededDraw } from '../../../../action-test/sagemaker/behaviour.ts';
import { AwsFault, type CallFault } from '../../../../shared/testing/aws/aws-fault.ts';
import { jobStage } from '../../fixtures/sagemaker-jobs.ts';

const stage = jobStage();
const operations = (name: string) => stage.fake.calls.filter(({ operation }) => operation === name);

/** Writes a checkpoint of each step, and waits before the step after for as long as a file says so. */
const STEPS = `
step=$(cat "$CHECKPOINT_DIR/step" 2>/dev/null || echo 0)
while [ "$step" -lt 5 ]; do
  step=$((step + 1)); echo "{\\"step\\": $step, \\"loss\\": 0.$((10 - step))}"
  echo "$step" > "$CHECKPOINT_DIR/draft"; mv "$CHECKPOINT_DIR/draft" "$CHECKPOINT_DIR/step"
  if [ "$step" = "$PARAM_PAUSE_AT" ] && [ ! -e "$CHECKPOINT_DIR/paused" ]; then
    touch "$CHECKPOINT_DIR/paused"; echo waiting; sleep 600 & wait
  fi
done
echo "{\\"final\\": 0.5}" > "$METRICS_FILE"; echo weights > "$MODEL_DIR/model.bin"
`;

describe('a job', () => {
  test('finds source, data, parameters and its variables, and brings back model, metrics and output', async () => {
    await stage.write({
      'train.sh': '#!/bin/bash\necho "trained on $(cat "$DATA")" > "$MODEL_DIR/model.txt"',
      'lib/a b.txt': 'x',
    });
    const data = [await stage.dataFile('rows.csv', 'a,b')];
    const params = { 'learning-rate': 0.1, quoted: 'it\'s "$HOME"\nnew line', layers: [1, 2], none: null };
    const command = `./train.sh; cat "lib/a b.txt"; echo
      echo "$PARAM_LEARNING_RATE|$PARAM_QUOTED|$PARAM_LAYERS|$PARAM_NONE|$SEED|$PYTHONHASHSEED|$MLFLOW_RUN_ID"
      cat "$PARAMS_FILE"; echo; echo "$SM_HPS"; ls "$SM_CHANNEL_TRAINING" "$SM_CHANNEL_TRAIN/rows.csv"
      echo "$SM_CURRENT_HOST $SM_HOSTS $SM_NUM_GPUS"; test "$SM_MODEL_DIR" = "$MODEL_DIR"; test "$SM_NUM_CPUS" -gt 0
      echo '{"auc": 0.91}' > "$METRICS_FILE"; mkdir "$SM_OUTPUT_DATA_DIR/plots"; echo svg > "$SM_OUTPUT_DATA_DIR/plots/a.svg"`;
    const backend = await stage.open();
    const job = await backend.submit(
      stage.work(command, { data, params, seed: 7, env: { MLFLOW_RUN_ID: 'r1' } }),
    );
    expect(job).toMatch(/^churn-[0-9a-f]{12}-77-1$/);
    const outcome = await stage.follow(backend, job);
    expect(outcome.lines.slice(0, 4)).toEqual([
      'x',
      `0.1|it's "$HOME"`,
      'new line|[1,2]||7|7|r1',
      JSON.stringify(params),
    ]);
    expect(outcome.lines[4]).toBe(
      JSON.stringify({ 'learning-rate': '0.1', quoted: params.quoted, layers: '[1,2]', none: '' }),
    );
    expect(outcome.lines.at(-1)).toMatch(/^algo-1 \["algo-1"\] \d+$/);
    expect(outcome).toMatchObject({ exitCode: 0, timedOut: false, cancelled: false, interrupted: false });
    expect(outcome.phases).toContain('Downloading input data');
    expect(outcome.job).toMatchObject({
      name: job,
      machine: 'ml.m5.large',
      count: 1,
      spot: false,
      interruptions: 0,
    });
    const into = stage.into();
    await backend.collect(job, into);
    expect(await readFile(join(into.model, 'model.txt'), 'utf8')).toBe('trained on a,b\n');
    expect(await readFile(into.metrics, 'utf8')).toBe('{"auc": 0.91}\n');
    expect(await readdir(into.output, { recursive: true })).toEqual(['plots', 'plots/a.svg']);
    const { work, hasEnded } = await (await stage.open()).describe(job);
    expect(hasEnded).toBe(true);
    expect(work).toEqual({
      name: 'churn',
      command,
      params,
      data,
      seed: 7,
      timeoutMs: null,
      checkpointStore: null,
      about: {},
    });
  });

  test('of several data files finds a folder; what is in S3 already is not sent again', async () => {
    await stage.write({ 'a.txt': 'a' });
    const data = [await stage.dataFile('x/rows.csv', '1'), await stage.dataFile('y/rows.csv', '2')];
    const backend = await stage.open();
    const follow = async (command: string) => {
      const job = await backend.submit(stage.work(command, { data }));
      return (await stage.follow(backend, job)).lines;
    };
    expect(await follow('cd "$DATA"; cat rows.csv 2-rows.csv; echo')).toEqual(['12']);
    const sent = () => operations('PutObject').map(({ what }) => what.replace(/\?.*/, ''));
    const before = sent().length;
    expect(before).toBe(6);
    await follow('ls "$DATA"');
    expect(
      sent()
        .slice(before)
        .filter((what) => !what.includes('/jobs/')),
    ).toEqual([]);
  });

  test('is tagged, limited and defined as the inputs say', async () => {
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open({
      ...{ spot: true, maxWaitMs: 7_200_000, volumeBytes: 50 * 2 ** 30 },
      metricDefinitions: [{ Name: 'loss', Regex: 'loss=([0-9.]+)' }],
    });
    await backend.submit(
      stage.work('echo loss=0.25', { timeoutMs: 3_600_000, params: { long: 'x'.repeat(3000), a: 1 } }),
    );
    const [job] = [...stage.fake.state.trainingJobs.keys()];
    expect((await backend.describe(job!)).metricDefinitions).toEqual([
      { Name: 'loss', Regex: 'loss=([0-9.]+)' },
    ]);
    const { fields, arn } = [...stage.fake.state.trainingJobs.values()][0]!;
    expect(fields).toMatchObject({
      StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
      EnableManagedSpotTraining: true,
      HyperParameters: { a: '1' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 50 },
      CheckpointConfig: {
        S3Uri: expect.stringMatching(/^s3:\/\/models\/training\/checkpoints\/churn\/[0-9a-f]{12}-77\/$/),
      },
      AlgorithmSpecification: { MetricDefinitions: [{ Name: 'loss' }] },
    });
    expect(Object.fromEntries(stage.fake.state.tags.get(arn)!)).toEqual({
      'mlops:name': 'churn',
      'mlops:repository': 'acme/churn',
      'mlops:commit': 'a'.repeat(40),
      'mlops:run': 'https://github.com/acme/churn/actions/runs/77',
    });
  });

  test('that fails tells its exit status, its reason and all that it printed', async () => {
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open();
    const job = await backend.submit(stage.work('echo begin; echo no such column >&2; exit 3; echo never'));
    expect(await stage.follow(backend, job)).toMatchObject({
      ...{ exitCode: 3, lines: ['begin', 'no such column', 'The command ended with exit status 3.'] },
      failure: 'AlgorithmError: The command ended with exit status 3., exit code: 3',
    });
    await backend.collect(job, stage.into());
    expect(await readdir(stage.into().model)).toEqual([]);
  });

  test('that is over its time is stopped, which is no success', async () => {
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open();
    const job = await backend.submit(stage.work('echo begin; sleep 600', { timeoutMs: 1500 }));
    const outcome = await stage.follow(backend, job, { onLine: () => stage.fake.advance(5000) });
    expect(outcome).toMatchObject({ exitCode: 143, timedOut: true, cancelled: false, interrupted: false });
    expect(outcome.failure).toBe('SageMaker ended the training after its longest time of 2 s.');
  });

  test('keeps its machine for the next like it, where it is asked to', async () => {
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open({ keepAliveMs: 600_000 });
    const jobs = [];
    for (const command of ['true', 'echo 2']) {
      jobs.push(await backend.submit(stage.work(command)));
      await stage.follow(backend, jobs.at(-1)!);
    }
    expect([...stage.fake.state.trainingJobs.values()].map(({ reusedBy }) => reusedBy)).toEqual([
      jobs[1],
      undefined,
    ]);
  });
});

describe('a spot machine', () => {
  const work = (pauseAt: number) =>
    stage.work(STEPS, { params: { pause_at: pauseAt }, checkpointStore: 's3://models/kept/' });
  const steps = (lines: string[]) =>
    lines.flatMap((line) => JSON.parse(/^\{/.test(line) ? line : '{}').step ?? []);

  test('that is taken away comes back, and the training goes on from its checkpoints', async () => {
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open({ spot: true });
    const job = await backend.submit(work(3));
    const outcome = await stage.follow(backend, job, {
      onLine: (line) => void (line === 'waiting' && stage.fake.interrupt(job)),
    });
    expect(outcome).toMatchObject({ exitCode: 0, interrupted: false, job: { spot: true, interruptions: 1 } });
    expect(steps(outcome.lines)).toEqual([1, 2, 3, 4, 5]);
    expect(outcome.job!.billableSeconds!).toBeLessThan(outcome.job!.trainingSeconds!);
    await backend.collect(job, stage.into());
    expect(await readFile(stage.into().metrics, 'utf8')).toBe('{"final": 0.5}\n');
  });

  test('that does not come back ends the job as interrupted; the next attempt goes on where it was', async () => {
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open({ spot: true });
    const job = await backend.submit(work(2));
    const outcome = await stage.follow(backend, job, {
      onLine: (line) => {
        if (line === 'waiting') stage.fake.interrupt(job, false);
        if (/exit status/.test(line)) stage.fake.advance(3 * 86_400_000);
      },
    });
    expect(outcome).toMatchObject({
      interrupted: true,
      timedOut: false,
      exitCode: 143,
      job: { interruptions: 1 },
    });
    expect(outcome.failure).toContain('was taken away and none came back within the 172800 s of max-wait');
    const again = await stage.open({ spot: true }, { GITHUB_RUN_ATTEMPT: '2' });
    const next = await again.submit(work(2));
    expect(next).toBe(job.replace(/-1$/, '-2'));
    expect(steps((await stage.follow(again, next)).lines)).toEqual([3, 4, 5]);
  });
});

describe('stopping', () => {
  test.for(['a rule', 'the workflow', 'somebody else'] as const)('by %s ends the job', async (who) => {
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open();
    const job = await backend.submit(
      stage.work('trap "echo saved; echo w > $MODEL_DIR/m; exit 0" TERM; echo begin; sleep 600 & wait'),
    );
    const [rule, workflow] = [new AbortController(), new AbortController()];
    const act = {
      'a rule': () => rule.abort(),
      'the workflow': () => workflow.abort(),
      'somebody else': () => void backend.cancel(job),
    };
    const outcome = await stage.follow(backend, job, {
      ...{ stop: rule.signal, signal: workflow.signal },
      onLine: (line) => line === 'begin' && act[who](),
    });
    expect(outcome).toMatchObject({
      ...{ exitCode: 143, exitSignal: 'SIGTERM', timedOut: false, cancelled: who === 'the workflow' },
      failure: 'The training job was stopped before its command ended.',
    });
    expect(outcome.lines).toEqual(['begin', 'saved']);
    expect(operations('StopTrainingJob')).toHaveLength(1);
    // What it had saved is there.
    await backend.collect(job, stage.into());
    expect(await readdir(stage.into().model)).toEqual(['m']);
    await backend.cancel(job);
  });

  test('a command that will not end is killed, with what it started', async () => {
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open();
    const job = await backend.submit(stage.work('trap "" TERM; echo begin; while true; do sleep 0.01; done'));
    const stop = new AbortController();
    const outcome = await stage.follow(backend, job, { stop: stop.signal, onLine: () => stop.abort() });
    expect(outcome).toMatchObject({ exitCode: 143, cancelled: false });
  });
});

describe('requests that go wrong', () => {
  /** Each failure is seen, and no time is lost with the client's own tries. */
  const ONCE = { AWS_MAX_ATTEMPTS: '1', AWS_RETRY_MODE: 'standard' };
  const throttled = new AwsFault('ThrottlingException', 'Rate exceeded');

  test('each in turn leave one job, which a second try finds, and lose nothing of it', async () => {
    await stage.write({ 'a.txt': 'a' });
    const data = [await stage.dataFile('rows.csv', '1')];
    const work = stage.work('cat "$DATA"; echo; echo w > "$MODEL_DIR/m"', { data });
    let wrong = { at: -1, seen: 0, how: throttled as CallFault };
    const fault = () => (wrong.seen++ === wrong.at ? wrong.how : 'none');
    /** Tries twice, with a failure at the given request of the first. @returns how many requests it took. */
    const twice = async (at: number, how: CallFault, act: () => Promise<unknown>) => {
      wrong = { at, seen: 0, how };
      const first = await act().then(
        () => true,
        () => false,
      );
      if (!first) await act();
      return wrong.seen;
    };
    const ways: CallFault[] = ['drop-after', throttled, 'drop-before'];
    const open = () => stage.open({}, ONCE);
    for (let at = 0, count = 1; at < count; at++) {
      const how = ways[at % ways.length]!;
      await stage.restart({ fault });
      count = await twice(at, how, async () => (await open()).submit(work));
      const [job] = [...stage.fake.state.trainingJobs.keys()];
      const following = async () => {
        expect(await stage.follow(await open(), job!), `request ${at}`).toMatchObject({
          lines: ['1'],
          exitCode: 0,
        });
      };
      await twice(at, how, following);
      await twice(at, how, async () => (await open()).collect(job!, stage.into()));
      expect(await readFile(join(stage.into().model, 'm'), 'utf8')).toBe('w\n');
      expect([...stage.fake.state.trainingJobs.keys()]).toEqual([job]);
    }
  });

  test.for(['drop-before', 'drop-after', throttled] as const)(
    'CreateTrainingJob by %s starts one job',
    async (how) => {
      let isWrong = true;
      await stage.restart({
        fault: ({ operation }) => {
          if (operation !== 'CreateTrainingJob' || !isWrong) return 'none';
          isWrong = false;
          return how;
        },
      });
      await stage.write({ 'a.txt': 'a' });
      // The client tries again by itself: the second request must find what the first has made.
      const job = await (await stage.open({}, { AWS_RETRY_MODE: 'standard' })).submit(stage.work('true'));
      expect(operations('CreateTrainingJob')).toHaveLength(2);
      expect([...stage.fake.state.trainingJobs.keys()]).toEqual([job]);
    },
  );

  test('at random while it runs lose no line and double none', async () => {
    const draw = seededDraw(1);
    await stage.restart({
      logDelayMs: 3000,
      fault: ({ service }) => (service !== 's3' && draw() < 0.4 ? throttled : 'none'),
    });
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open({}, ONCE);
    const work = stage.work('for i in $(seq 2500); do echo "line $i"; done');
    const job = await backend.submit(work).catch(() => backend.submit(work));
    const { lines } = await stage.follow(backend, job);
    expect(lines).toEqual(Array.from({ length: 2500 }, (_, index) => `line ${index + 1}`));
  });

  test('for good while it runs say that the job goes on, and how to collect it', async () => {
    let refusal: AwsFault | undefined;
    await stage.restart({ fault: () => refusal ?? 'none' });
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open({}, ONCE);
    const job = await backend.submit(stage.work('echo begin; sleep 600 & wait'));
    refusal = new AwsFault('ExpiredTokenException', 'The security token included in the request is expired');
    await expect(stage.follow(backend, job)).rejects.toMatchObject({
      message: expect.stringContaining(
        `The training job ${job} goes on, but cannot be followed. The AWS credentials expired`,
      ),
      fix: expect.stringContaining(`operation: collect with job: ${job}`),
    });
    expect(stage.fake.state.trainingJobs.get(job)!.status).toBe('InProgress');
  });

  test('for want of a permission on the log leave the training as it is, with the metrics of the service', async () => {
    await stage.restart({
      fault: ({ service }) =>
        service === 'logs' ? new AwsFault('AccessDeniedException', 'No', 400) : 'none',
    });
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open({ metricDefinitions: [{ Name: 'loss', Regex: 'loss=([0-9.]+)' }] });
    const job = await backend.submit(stage.work('echo loss=0.5; echo loss=0.25'));
    const outcome = await stage.follow(backend, job);
    expect(outcome).toMatchObject({
      exitCode: 0,
      lines: [],
      metrics: [{ step: null, values: { loss: 0.25 } }],
    });
    expect(outcome.phases.join('\n')).toContain(
      'Allow logs:DescribeLogStreams on /aws/sagemaker/TrainingJobs',
    );
  });

  test('for a quota are said in the words of AWS, and a job that is not there by its name', async () => {
    await stage.restart({ instanceLimit: 0 });
    await stage.write({ 'a.txt': 'a' });
    const backend = await stage.open();
    await expect(backend.submit(stage.work('true'))).rejects.toThrow(
      /ResourceLimitExceeded.*ml\.m5\.large for training job usage/,
    );
    for (const ask of [
      backend.cancel('gone'),
      backend.collect('gone', stage.into()),
      backend.describe('gone'),
    ])
      await expect(ask).rejects.toMatchObject({
        message: 'There is no training job gone in eu-central-1.',
        where: { key: 'job' },
      });
    await expect(stage.follow(backend, 'gone')).rejects.toThrow(/^There is no training job gone/);
  });
});
