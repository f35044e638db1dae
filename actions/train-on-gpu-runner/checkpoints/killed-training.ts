/** For tests: a training that is killed again and again, each time resumed from the store in a fresh folder. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sendSignal } from '../../../shared/programs/process-group.ts';
import { startProgram } from '../../../shared/programs/run.ts';
import { openCheckpoints } from './checkpoints.ts';
import type { CheckpointObjects } from './objects.ts';
import { openObjects } from './open-objects.ts';
import { type CheckpointStore, openCheckpointStore } from './store.ts';
import { startCheckpointSync } from './sync.ts';

const SCRIPT = join(import.meta.dirname, '../fixtures/descent.mjs');
export const STYLES = ['rename', 'in-place', 'folders'] as const;
export const WAYS = ['asked', 'killed', 'power', 'upload', 'partition'] as const;

/**
 * How a run ends before its time: `asked` by a signal (the program saves), `killed` by SIGKILL (the runner lives on),
 * `power` is lost (nothing lives on), the same at a call of the `upload`, or the machine is cut off and goes on
 * (`partition`) while the next one begins.
 */
export interface Kill {
  way: (typeof WAYS)[number];
  /** The line of output after which it happens. */
  afterLines: number;
  /** Of `upload`: the call of the store at which it happens, and whether its work is still done. */
  atCall: number;
  isDone: boolean;
}

export interface TrainingWorld {
  folder: string;
  /** Of the store. */
  place: string;
  env: NodeJS.ProcessEnv;
  style: (typeof STYLES)[number];
  steps: number;
  every: number;
}

export interface Finished {
  /** Values by step, of all runs: the later one of a step that was done twice. */
  history: Map<number, number>;
  /** Steps whose value was another one the second time. */
  contradictions: number[];
  metrics: string;
  model: string;
  /** Per kill: steps that had to be done again. */
  lost: { way: Kill['way']; steps: number }[];
}

class PowerLoss extends Error {}

/**
 * Runs one training to its end. @param nextKill how each run of it ends before, if it does not end sooner.
 * @param onKill told of each that happened. @throws Error when a promise was not kept.
 */
export async function trainWithKills(
  world: TrainingWorld,
  nextKill: () => Kill | undefined,
  onKill: (kill: Kill) => void = () => undefined,
): Promise<Finished> {
  const { folder, place, env, style, steps, every } = world;
  const history = new Map<number, number>();
  const contradictions: number[] = [];
  const lost: Finished['lost'] = [];
  /** The newest checkpoint that was reported to be in the store. */
  let stored = 0;
  /** What the next run must begin with at least, and of which kill. */
  let promise: { way: Kill['way']; least: number; reached: number } | undefined;
  let zombie: (() => Promise<void>) | undefined;

  for (;;) {
    const kill = nextKill();
    const machine = mkdtempSync(join(folder, 'machine-'));
    const checkpoints = join(machine, 'checkpoints');
    for (const name of ['model', 'checkpoints']) mkdirSync(join(machine, name));
    const power = { isOn: true, cut: () => {} };
    let store: CheckpointStore;
    let opened: Awaited<ReturnType<typeof openCheckpoints>>;
    try {
      const objects = await fragileObjects(world, power, kill);
      store = await openCheckpointStore(place, { name: 'descent', work: 'work', env, objects });
      opened = await openCheckpoints({
        ...{ folder: checkpoints, name: 'descent', work: 'work', env, store },
        log: () => undefined,
        loadCache: () => Promise.reject(new Error('with a store the cache is not used')),
      });
    } catch (error) {
      if (power.isOn || !kill) throw error;
      onKill(kill);
      rmSync(machine, { recursive: true, force: true });
      continue;
    }
    const began = opened.resumedStep ?? 0;
    if (promise) {
      if (began < promise.least || began > promise.reached)
        throw new Error(
          `${promise.way} (${style}): resumed from step ${began}; promised ${promise.least} to ${promise.reached}`,
        );
      lost.push({ way: promise.way, steps: promise.reached - began });
      promise = undefined;
    }
    // One that was sent may have been cut off before it was reported.
    stored = Math.max(stored, began);
    const storedFile = join(machine, 'stored');
    const tellStored = (): void => {
      writeFileSync(`${storedFile}.new`, String(stored));
      renameSync(`${storedFile}.new`, storedFile);
    };
    tellStored();
    const current = { isCounted: true, reached: began };
    const sync = await startCheckpointSync({
      ...{ folder: checkpoints, store, everyMs: 0, lookMs: 4, settleMs: 3_600_000 },
      ...(opened.resumedFrom === 'store' ? { restored: { step: opened.resumedStep } } : {}),
      log: {
        info: (message) => {
          const [, step] = /of step (\d+) is in/.exec(message) ?? [];
          if (!current.isCounted || step === undefined) return;
          stored = Math.max(stored, Number(step));
          tellStored();
        },
        warning: () => undefined,
      },
    });
    let lines = 0;
    const program = await startProgram({
      command: `exec ${process.execPath} ${SCRIPT}`,
      cwd: machine,
      env: {
        ...process.env,
        ...{ CHECKPOINT_DIR: checkpoints, MODEL_DIR: join(machine, 'model'), CHECKPOINT_STYLE: style },
        ...{
          METRICS_FILE: join(machine, 'metrics.json'),
          STORED_FILE: storedFile,
          STEPS: String(steps),
          CHECKPOINT_EVERY: String(every),
        },
      },
      onLine: (line) => {
        lines += 1;
        if (!current.isCounted || !power.isOn || !line.startsWith('{')) return;
        const { step, loss } = JSON.parse(line) as { step: number; loss: number };
        if (history.has(step) && history.get(step) !== loss) contradictions.push(step);
        history.set(step, loss);
        current.reached = step;
        if (lines === kill?.afterLines && kill.way !== 'upload') power.cut();
      },
    });
    const isCut = new Promise<'cut'>((resolve) => {
      power.cut = () => {
        if (kill?.way === 'power' || kill?.way === 'upload') power.isOn = false;
        resolve('cut');
      };
    });
    if (!power.isOn) power.cut();
    const ending = await Promise.race([program.exited, isCut]);
    await zombie?.();
    zombie = undefined;
    if (ending === 'cut' || !power.isOn) {
      if (kill?.way === 'partition') {
        onKill(kill);
        current.isCounted = false;
        promise = { way: 'partition', least: stored, reached: Number.POSITIVE_INFINITY };
        zombie = async () => {
          await program.stop(0);
          await sync.stop(0);
          store.close();
          rmSync(machine, { recursive: true, force: true });
        };
        continue;
      }
      sendSignal(program.pid, kill?.way === 'asked' ? 'SIGINT' : 'SIGKILL');
      const exit = await program.exited;
      if (kill?.way === 'asked' || kill?.way === 'killed') {
        const ended = exit.signal === null ? 'by-itself' : 'killed';
        await sync.flush({ ended, withinMs: 60_000 });
      }
      // Without power even a program that was done at this moment has left nothing.
      if (exit.code !== 0 || !power.isOn) {
        promise = { way: kill?.way ?? 'power', ...leastOf(kill, current.reached, exit.signal === null) };
      }
      await sync.stop(kill?.way === 'asked' || kill?.way === 'killed' ? undefined : 0);
      store.close();
      if (exit.code === 1) throw new Error(`The training could not read its checkpoint (${style})`);
      if (promise && kill) {
        onKill(kill);
        rmSync(machine, { recursive: true, force: true });
        continue;
      }
    }
    const { code, signal } = await program.exited;
    if (code !== 0)
      throw new Error(`The training ended with ${signal ?? code} (${style}) without being killed`);
    const metrics = readFileSync(join(machine, 'metrics.json'), 'utf8');
    const model = readFileSync(join(machine, 'model', 'model.json'), 'utf8');
    await sync.stop();
    await store.finish().catch(() => undefined);
    rmSync(machine, { recursive: true, force: true });
    return { history, contradictions, metrics, model, lost };
  }

  /** The promises, in steps, of a training that prints a step before it saves it. */
  function leastOf(
    kill: Kill | undefined,
    reached: number,
    endedByItself: boolean,
  ): { least: number; reached: number } {
    // The program saved as it was told to. (When it was about to end anyway, the signal ended it.)
    if (kill?.way === 'asked' && endedByItself) return { least: reached, reached };
    // The runner lives on and sends the last whole checkpoint: at most one interval is done again.
    if ((kill?.way === 'asked' || kill?.way === 'killed') && style !== 'in-place')
      return { least: Math.max(stored, reached - every), reached };
    // The last checkpoint may be lost, half written or not sent; never the one before, nor what was sent.
    const saved = Math.floor((reached - 1) / every) * every;
    return { least: Math.max(stored, saved - every), reached };
  }
}

/** The store, which ends with the machine: at a call, before or after its work, or at any moment. */
async function fragileObjects(
  { place, env }: TrainingWorld,
  power: { isOn: boolean; cut: () => void },
  kill: Kill | undefined,
): Promise<CheckpointObjects> {
  const objects = await openObjects(place, 'descent/work', { env });
  let calls = 0;
  const wrap =
    <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      calls += 1;
      const isNow = kill?.way === 'upload' && calls === kill.atCall;
      if (power.isOn && (!isNow || kill.isDone)) {
        const result = await work(...given);
        if (isNow) end();
        if (power.isOn) return result;
      } else if (power.isOn) {
        leaveHalf(place, given[0]);
        end();
      }
      throw new PowerLoss('The power is lost.');
    };
  const end = (): void => {
    power.isOn = false;
    power.cut();
  };
  return {
    uriOf: (key) => objects.uriOf(key),
    list: wrap((beginning) => objects.list(beginning)),
    put: wrap((key, content) => objects.put(key, content)),
    putIf: wrap((key, bytes, condition) => objects.putIf(key, bytes, condition)),
    read: wrap((key, digest) => objects.read(key, digest)),
    open: wrap((key) => objects.open(key)),
    delete: wrap((keys) => objects.delete(keys)),
  };
}

/** In a folder, what was being written stays as the half that it is. */
function leaveHalf(place: string, key: unknown): void {
  if (place.startsWith('s3:') || typeof key !== 'string' || !key.startsWith('objects/')) return;
  const folder = join(place, 'descent/work/objects');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `.draft-${key.replaceAll('/', '-')}`), 'half');
}
