import { execFile } from 'node:child_process';
import type { Gpu } from '../../../shared/records/training-run.ts';

/** Asking NVIDIA's driver about its GPUs through `nvidia-smi`. */

/** The current name of the last field and the one that drivers before 535 know. */
export const REASON_FIELDS = ['clocks_event_reasons.active', 'clocks_throttle_reasons.active'];
const FIELDS = [
  'timestamp',
  'index',
  'uuid',
  'name',
  'driver_version',
  'utilization.gpu',
  'utilization.memory',
  'memory.used',
  'memory.total',
  'power.draw',
  'enforced.power.limit',
  'temperature.gpu',
  'clocks.sm',
  'pstate',
  'ecc.errors.uncorrected.volatile.total',
];

/** Bits of `clocks_event_reasons.active` (nvml.h, nvmlClocksEventReason…) that mean "slower than it could be". */
const THROTTLE_REASONS: readonly (readonly [bit: number, reason: string])[] = [
  [0x04, 'power limit'],
  [0x08, 'hardware slowdown'],
  [0x20, 'heat (software)'],
  [0x40, 'heat (hardware)'],
  [0x80, 'power brake'],
];

/** One GPU at one moment; null where the driver does not tell (utilisation under MIG, power on old cards). */
export interface GpuSample extends Gpu {
  utilisation: number | null;
  memoryUsedMiB: number | null;
  powerWatts: number | null;
  /** That the driver keeps to now. */
  powerLimitWatts: number | null;
  temperatureCelsius: number | null;
  throttleReasons: string[];
}

/**
 * Reads the CSV of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`.
 * @returns undefined when the text is not such a CSV (a message instead of rows).
 */
export function parseGpuQuery(text: string): GpuSample[] | undefined {
  const samples: GpuSample[] = [];
  for (const line of text.split('\n').filter((row) => row.trim() !== '')) {
    const cells = line.split(',').map((cell) => cell.trim());
    if (cells.length !== FIELDS.length + 1) return undefined;
    const cell = (field: string) => cells[FIELDS.indexOf(field)] ?? '';
    const index = number(cell('index'));
    if (index === null) return undefined;
    samples.push({
      index,
      uuid: cell('uuid'),
      name: cell('name'),
      driverVersion: cell('driver_version'),
      memoryTotalMiB: number(cell('memory.total')),
      utilisation: number(cell('utilization.gpu')),
      memoryUsedMiB: number(cell('memory.used')),
      powerWatts: number(cell('power.draw')),
      powerLimitWatts: number(cell('enforced.power.limit')),
      temperatureCelsius: number(cell('temperature.gpu')),
      throttleReasons: throttleReasons(cells.at(-1) ?? ''),
    });
  }
  return samples;
}

/** What is not known comes as [N/A], [Not Supported], [Unknown Error] or ERR!. */
function number(cell: string): number | null {
  return /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : null;
}

function throttleReasons(mask: string): string[] {
  const bits = /^0x[0-9a-f]+$/i.test(mask) ? Number(BigInt(mask) & 0xffffn) : 0;
  return THROTTLE_REASONS.filter(([bit]) => (bits & bit) !== 0).map(([, reason]) => reason);
}

export type GpuAnswer =
  | { samples: GpuSample[] }
  | { problem: 'no-tool' | 'failed' | 'unreadable'; message: string };

/** The words of the question. @param reasons the name of the last field: drivers know one or the other. */
export function queryArguments(reasons: string): string[] {
  return [`--query-gpu=${[...FIELDS, reasons].join(',')}`, '--format=csv,noheader,nounits'];
}

/** Runs a program and gives its output; rejects with the error of `execFile`. */
export type Execute = (file: string, args: string[], env: NodeJS.ProcessEnv) => Promise<string>;

/** Asks nvidia-smi once. A driver that hangs is given up after ten seconds. */
export async function queryGpus(env: NodeJS.ProcessEnv, execute: Execute = askNvidiaSmi): Promise<GpuAnswer> {
  let message = '';
  for (const reasons of REASON_FIELDS) {
    try {
      const samples = parseGpuQuery(await execute('nvidia-smi', queryArguments(reasons), env));
      if (samples) return { samples };
      return { problem: 'unreadable', message: 'nvidia-smi gave an answer that is not the asked table' };
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return { problem: 'no-tool', message: 'nvidia-smi is not installed' };
      }
      message = describeFailure(error);
      // So ends the call (exit 6) where the driver works and every GPU is kept from this process.
      if (/^no devices were found/i.test(message)) return { samples: [] };
      if (!isUnknownField(message)) break;
    }
  }
  return { problem: 'failed', message };
}

export function isUnknownField(message: string): boolean {
  return /not a valid field/i.test(message);
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('killed' in error && error.killed) return 'nvidia-smi did not answer within ten seconds';
  const said = 'stdout' in error ? String(error.stdout).trim() : '';
  const complained = 'stderr' in error ? String(error.stderr).trim() : '';
  // NVIDIA's tool prints its complaints to standard output.
  return (said || complained || error.message).split('\n')[0]!.trim();
}

/** Eight cards in all their details are some hundred kilobytes. */
const LONGEST_ANSWER = 2 ** 24;

/** {@link Execute} for real, which a driver that hangs cannot hold up for longer than ten seconds. */
export function askNvidiaSmi(file: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const options = { env, timeout: 10_000, killSignal: 'SIGKILL', maxBuffer: LONGEST_ANSWER } as const;
  return new Promise((resolve, reject) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error) reject(Object.assign(error, { stdout, stderr }));
      else resolve(stdout);
    });
  });
}
