import { afterEach, describe, expect, test, vi } from 'vitest';
import { upTo } from '../checkpoints/travelling-history.ts';
import { sampleOf } from '../fixtures/gpu-samples.ts';
import type { KeptHistory } from './history.ts';
import { liveReport } from './live-report.ts';
import { TrainingWatch } from './watch.ts';
import type { WatchOptions } from './watch-options.ts';

function watching(options: Partial<WatchOptions> = {}) {
  let now = 0;
  const lines: string[] = [];
  const progress: string[] = [];
  const warnings: string[] = [];
  const watch = new TrainingWatch({
    now: () => now,
    space: undefined,
    cores: 4,
    onLine: (text) => lines.push(text),
    onProgress: (line) => progress.push(line),
    onWarning: ({ kind, message }) => warnings.push(`${kind}: ${message}`),
    ...options,
  });
  /** Goes on second by second, as the timer would, with a sample every five. */
  const pass = (seconds: number, sample?: { cpu?: number; gpu?: number | null }) => {
    for (const end = now + seconds * 1000; now < end; ) {
      now += 1000;
      if (sample && now % 5000 === 0) {
        const gpus = sample.gpu === undefined ? [] : [sampleOf({ utilisation: sample.gpu })];
        watch.sample(now / 1000, { cpuSeconds: (sample.cpu ?? 0) * 5, memoryBytes: 1e8 }, gpus);
      }
      watch.tick();
    }
  };
  return { watch, lines, progress, warnings, pass };
}

afterEach(() => vi.useRealTimers());

describe('TrainingWatch', () => {
  test('keeps metrics and the tail, and passes lines on together', async () => {
    const { watch, lines } = watching();
    for (let step = 1; step <= 60; step++) watch.line(`{"step": ${step}, "loss": ${1 / step}}`);
    expect(lines).toEqual([]);
    await Promise.resolve();
    expect(lines).toHaveLength(1);
    expect(lines[0]!.split('\n')).toHaveLength(60);
    const { tail, history, stoppedBy } = watch.results(null);
    expect(tail).toHaveLength(50);
    expect(history.loss!.steps).toHaveLength(60);
    expect(stoppedBy).toBeNull();
  });

  test('an early stop counts on from a checkpoint, by other limits too, and not by another change', () => {
    const rules = {
      monitor: 'loss',
      mode: 'min' as const,
      patience: 7,
      min_delta: 0.01,
      check_finite: false,
    };
    const losses = ['NaN', 3, 2, 1, ...new Array(20).fill(1.5)];
    /** The step at which it is ended; a checkpoint is made after 8. */
    const endOf = (options: Partial<WatchOptions>, from: number) => {
      const { watch } = watching(options);
      let kept: KeptHistory | undefined;
      for (const [index, loss] of losses.entries()) {
        if (index < from || watch.stop.aborted) continue;
        watch.line(`{"step": ${index}, "loss": ${loss}}`);
        if (index === 10) kept = upTo(watch.kept(), { step: 8, at: 0 });
        if (watch.stop.aborted) return { step: index, kept };
      }
      return { step: null, kept };
    };
    const undisturbed = endOf({ earlyStop: rules }, 0);
    const history = JSON.parse(JSON.stringify(undisturbed.kept)) as KeptHistory;
    const goingOn = (change: Partial<typeof rules>) =>
      endOf({ earlyStop: { ...rules, ...change }, history }, 9).step;
    expect(undisturbed.step).toBe(10);
    expect([{}, { patience: 9 }, { min_delta: 0.5 }].map(goingOn)).toEqual([10, 12, 16]);
  });

  test('says once a minute how it goes', () => {
    const { watch, progress, pass } = watching();
    watch.line('{"step": 700, "loss": 0.5}');
    pass(60, { gpu: 94 });
    watch.line('{"step": 1400, "loss": 0.213, "lr": 0.0001}');
    pass(60, { gpu: 94 });
    pass(60, { gpu: 94 });
    expect(progress).toEqual([
      '1 min · step 700 · loss 0.5 · GPU 0 94 %, 1 of 15 GiB · nothing printed for 1 min',
      '2 min · step 1,400 · loss 0.213 ↓ · lr 1.00e−4 · GPU 0 94 %, 1 of 15 GiB · nothing printed for 1 min',
      '3 min · step 1,400 · loss 0.213 → · lr 1.00e−4 → · GPU 0 94 %, 1 of 15 GiB · nothing printed for 2 min',
    ]);
  });

  test('a command that is made to stand still is neither stalled nor idle', () => {
    const held = watching({ stallTimeoutMs: 120_000 });
    held.watch.line('begin');
    held.pass(90, { cpu: 1, gpu: 90 });
    for (let times = 0; times < 4; times++) {
      held.watch.hold(true);
      held.pass(200, { cpu: 0, gpu: 0 });
      held.watch.hold(false);
      held.pass(60, { cpu: 1, gpu: 90 });
    }
    expect(held.watch.stop.aborted).toBe(false);
    expect(held.warnings).toEqual([]);
    // From then on it counts again.
    held.pass(119, { cpu: 0, gpu: 0 });
    expect(held.watch.stop.aborted).toBe(false);
    held.pass(10, { cpu: 0, gpu: 0 });
    expect(held.watch.stop.reason).toMatchObject({ rule: 'stall-timeout' });
  });

  test('ends a training that does nothing, and not one that computes without a word', () => {
    const stalled = watching({ stallTimeoutMs: 120_000 });
    stalled.watch.line('begin');
    stalled.pass(300, { cpu: 0, gpu: 0 });
    expect(stalled.watch.stop.reason).toEqual({
      rule: 'stall-timeout',
      atSeconds: 120,
      reason:
        'There was no line of output, no metric and no checkpoint for 2 min, and neither processor nor GPU did anything for 2 min (stall-timeout 2 min).',
    });
    expect(stalled.warnings[0]).toContain('no-progress: There was no line');
    const computes = watching({ stallTimeoutMs: 120_000 });
    computes.pass(300, { cpu: 1, gpu: null });
    expect(computes.watch.stop.aborted).toBe(false);
    const onGpu = watching({ stallTimeoutMs: 120_000 });
    onGpu.pass(300, { cpu: 0, gpu: 80 });
    expect(onGpu.watch.stop.aborted).toBe(false);
    const unknown = watching({ stallTimeoutMs: 120_000 });
    unknown.pass(60);
    unknown.watch.checkpoint();
    unknown.pass(100);
    expect(unknown.watch.stop.aborted).toBe(false);
    unknown.pass(30);
    expect(unknown.watch.stop.reason.reason).toContain('not known here');
  });

  test('ends by the rule, and the first rule counts', () => {
    const { watch, progress } = watching({
      earlyStop: { monitor: 'loss', mode: 'min', patience: 2, min_delta: 0, check_finite: true },
    });
    for (const [step, loss] of [3, 2, 2.1, 2.2].entries()) watch.line(`{"step": ${step}, "loss": ${loss}}`);
    watch.end({ rule: 'budget', reason: 'too late', atSeconds: 1 });
    expect(watch.results(null).stoppedBy).toEqual({
      rule: 'early-stop',
      reason: 'loss has not got better than 2 in its last 2 values (patience).',
      atSeconds: 0,
    });
    expect(progress).toHaveLength(1);
  });

  test('warns of each thing once until it has ended', () => {
    const { watch, warnings, pass } = watching();
    watch.line('{"step": 1, "loss": NaN, "grad_norm": Infinity}');
    watch.line('{"step": 2, "loss": NaN}');
    pass(400, { cpu: 1, gpu: 1 });
    pass(320, { cpu: 1, gpu: 95 });
    pass(320, { cpu: 1, gpu: 1 });
    expect(warnings.map((text) => text.split(':')[0])).toEqual(['not-a-number', 'idle-gpu', 'idle-gpu']);
    expect(warnings[0]).toContain('loss is NaN at step 1');
  });

  test('warns of memory and disk', () => {
    const space = {
      memory: { usedBytes: 97, totalBytes: 100, limited: true },
      disks: [{ folder: 'model', freeBytes: 1e9, totalBytes: 1e11 }],
    };
    const { warnings, pass } = watching({ space: () => space });
    pass(30);
    expect(warnings).toEqual([
      expect.stringContaining(
        'memory-nearly-full: The memory that this container or job may use is nearly full',
      ),
      expect.stringContaining('disk-nearly-full: The disk of model is nearly full (1.0 GB of 100 GB left)'),
    ]);
  });

  test('warns of a loss that rises for good', () => {
    const { watch, warnings, pass } = watching();
    for (let step = 0; step < 100; step++) watch.line(`{"step": ${step}, "train_loss": ${2 / (step + 1)}}`);
    pass(20);
    expect(warnings).toEqual([]);
    for (let step = 100; step < 140; step++)
      watch.line(`{"step": ${step}, "train_loss": ${(step - 90) / 4}}`);
    pass(20);
    expect(warnings).toEqual([expect.stringMatching(/^diverging: train_loss rises: it is at \d/)]);
  });

  test('reads as a check run', () => {
    const { watch, pass } = watching();
    for (let step = 0; step < 40; step++)
      watch.line(`{"step": ${step}, "acc": ${step}, "a|b_loss": ${40 - step}}`);
    watch.line('{"step": 40, "a|b_loss": NaN}');
    watch.phase('Evaluating <b>');
    pass(125, { gpu: 94 });
    const { title, summary } = liveReport(watch.state());
    expect(title).toBe('training for 2 min · step 40 · GPU 0 94 %, 1 of 15 GiB');
    expect(summary.text).toMatchInlineSnapshot(`
      "Training: 2 min · step 40 · GPU 0 94 %, 1 of 15 GiB.Evaluating &lt;b&gt;. This shows how it goes about once a minute; the report takes its place at the end.

      - ⚠️ a&#124;b_loss is NaN at step 40: a smaller learning rate, clipped gradients or a look at the data of this step may help.

      | metric | last | least | most | over the steps |
      |---|--:|--:|--:|---|
      | <code>a&#124;b&#95;loss</code> | ⚠️ NaN | 1 | 40 | ███▇▇▇▆▆▆▅▅▅▄▄▃▃▃▂▂▂▁▁▁· |
      | \`acc\` | 39 | 0 | 39 | ▁▁▁▂▂▂▃▃▃▄▄▄▅▅▅▆▆▆▇▇▇███ |

      | GPU | used | memory | power | temperature |
      |---|--:|--:|--:|--:|
      | 0: Tesla T4 | 94 % | 1.1 GB of 16.1 GB | 40 W | 60 °C |"
    `);
  });
});
