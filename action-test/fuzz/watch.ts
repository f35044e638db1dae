/** Starts processes that fuzz one parser, and sees how they end. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readCase } from './case-file.ts';
import type { Fault } from './faults.ts';
import type { Finished, Order, Told } from './protocol.ts';

/** A fault, and where the input that brings it about lies. */
export interface Found extends Fault {
  path: string;
  seed: number;
}

export interface Watching {
  /** What fuzzes: a module that is started with an `Order` as its one argument. */
  program: URL;
  /** Where inputs that bring faults about are written. */
  inputs: string;
  tell(found: Found): void;
}

/** Milliseconds in which a process ends by itself once its time is over. */
const GRACE = 300_000;

/** @returns what it did; undefined where it did not come to its end. */
export async function watch(
  order: Order,
  { program, inputs, tell }: Watching,
): Promise<Finished | undefined> {
  mkdirSync(order.folder, { recursive: true });
  const found = (fault: Fault, input: Uint8Array) => {
    const name = createHash('sha256').update(input).digest('hex').slice(0, 12);
    const path = join(inputs, `${order.parser}-${fault.kind}-${name}`);
    mkdirSync(inputs, { recursive: true });
    writeFileSync(path, input);
    tell({ ...fault, path, seed: order.seed });
  };
  const caseInWork = () => readCase(join(order.folder, 'case'));
  const child = spawn(process.execPath, [program.pathname, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: order.milliseconds + GRACE,
    killSignal: 'SIGKILL',
  });
  let finished: Finished | undefined;
  let isTold = false;
  createInterface(child.stdout).on('line', (line) => {
    const told = JSON.parse(line) as Told;
    if ('fault' in told) {
      isTold ||= told.input === undefined;
      found(told.fault, told.input === undefined ? caseInWork() : Buffer.from(told.input, 'base64'));
    } else finished = told;
  });
  let said = '';
  child.stderr.on('data', (part) => {
    said = `${said}${part}`.slice(-4000);
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...how) => resolve(how)),
  );
  if (finished || isTold) return finished;
  const what = `The process ended with ${signal ?? code}: ${said.trim()}`;
  found({ kind: 'crash', what }, caseInWork());
  return undefined;
}
