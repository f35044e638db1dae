/** Serves both models on this machine and measures them in turns, so that a busy moment falls on both. */
import { join } from 'node:path';
import { UserError } from '../../../../shared/errors.ts';
import { type Clock, type Sent, SYSTEM_CLOCK, sendAtFixedRate } from '../../../../shared/http/fixed-rate.ts';
import { findFreePort } from '../../../../shared/programs/free-port.ts';
import { startServer } from '../../../../shared/programs/packaged-model.ts';
import type { Program } from '../../../../shared/programs/run.ts';
import type { Deps } from '../../../../shared/runtime/definition.ts';
import { openSender } from './http-sender.ts';
import { type LoadSample, pooled } from './load-sample.ts';

/** A model whose server can be started here. */
export interface ServableModel {
  title: 'champion' | 'challenger';
  serveCommand: string;
  modelFolder: string;
  codeFolder: string;
  bin: string | undefined;
}

export interface LoadSettings {
  requestsPerSecond: number;
  durationMs: number;
  warmUpMs: number;
  bodies: readonly string[];
}

export interface Measured {
  samples: LoadSample[];
  /** Milliseconds by which the latest request left after it was due. */
  latestStart: number;
}

/** A longer answer is no answer: the client of a model has long given up. */
const TIMEOUT_MS = 30_000;
/** Each model's time is cut into so many rounds; in each the order is turned, so that a slow drift cancels out. */
const ROUNDS = 4;
const GRACE_MS = 2_000;

/** Starts the servers, measures, and ends them with all they started, whatever happens. @returns in the order given. */
export async function measureServed(
  models: readonly ServableModel[],
  settings: LoadSettings,
  deps: Deps,
): Promise<Measured> {
  const programs: Program[] = [];
  try {
    const targets: URL[] = [];
    for (const model of models) {
      const port = await findFreePort();
      programs.push(await startModel(model, port, deps));
      deps.log.info(`The ${model.title}'s server answers.`);
      targets.push(new URL(`http://127.0.0.1:${port}/invocations`));
    }
    return await measureTargets(targets, settings, deps);
  } finally {
    await Promise.all(programs.map((program) => program.stop(GRACE_MS)));
  }
}

async function startModel(model: ServableModel, port: number, deps: Deps): Promise<Program> {
  try {
    return await startServer({
      command: model.serveCommand,
      modelDir: model.modelFolder,
      port,
      cwd: model.codeFolder,
      env: deps.env,
      bin: model.bin,
      logFile: join(deps.temporaryFolder, `${model.title}-server.log`),
      signal: deps.signal,
    });
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    const { where, fix } = cause;
    throw new UserError(`The ${model.title}: ${cause.message}`, { where, fix, cause });
  }
}

/** Measures servers that answer already. @returns in the order given. */
export async function measureTargets(
  targets: readonly URL[],
  settings: LoadSettings,
  deps: Pick<Deps, 'log' | 'signal' | 'env'>,
  clock: Clock = SYSTEM_CLOCK,
): Promise<Measured> {
  const { signal, env } = deps;
  const senders = targets.map((url) => openSender(url, { timeoutMs: TIMEOUT_MS, env, signal }));
  const { bodies, requestsPerSecond: ratePerSecond } = settings;
  const wanted = requestsIn(settings.durationMs, ratePerSecond);
  let next = 0;
  const round = (at: number, requests: number, what: string): Promise<Sent> =>
    sendAtFixedRate({
      requests,
      ratePerSecond,
      send: () => senders[at]!.send(bodies[next++ % bodies.length]!),
      onSent: (sent) => deps.log.progress(`${what}: ${sent} of ${requests} requests sent`),
      clock,
      signal,
    });
  try {
    for (const at of senders.keys()) await round(at, requestsIn(settings.warmUpMs, ratePerSecond), 'warm-up');
    const rounds: Sent[][] = senders.map(() => []);
    const turns = senders.length === 1 ? 1 : Math.min(ROUNDS, wanted);
    for (let turn = 0; turn < turns; turn++) {
      const order = turn % 2 === 0 ? [...senders.keys()] : [...senders.keys()].reverse();
      const requests = Math.floor(((turn + 1) * wanted) / turns) - Math.floor((turn * wanted) / turns);
      for (const at of order) {
        next = Math.floor((turn * wanted) / turns);
        rounds[at]!.push(await round(at, requests, `measuring, turn ${turn + 1} of ${turns}`));
      }
    }
    return {
      samples: rounds.map(pooled),
      latestStart: Math.max(...rounds.flat().map(({ latestStart }) => latestStart)),
    };
  } finally {
    for (const sender of senders) sender.close();
  }
}

const requestsIn = (milliseconds: number, ratePerSecond: number): number =>
  Math.round((milliseconds / 1000) * ratePerSecond);
