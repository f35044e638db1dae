import * as z from 'zod';
import { UserError } from '../../../shared/errors.ts';
import { programEnvironment } from '../../../shared/programs/environment.ts';
import { runProgram } from '../../../shared/programs/run.ts';
import { recordableNames } from '../engine/prediction-buckets.ts';
import type { ArmName, ArmWindow } from '../engine/window.ts';
import type { ArmLabels } from './arm-names.ts';
import {
  type CountsSource,
  clockWindow,
  dueWindows,
  lastWindow,
  NOTHING_SEEN,
  ofBothArms,
  type WindowClock,
} from './counts-source.ts';

const count = z.number().int().min(0);
const milliseconds = z.number().min(0).nullable();

/** What the command prints for one arm, as one JSON object in its last line. */
const printedSchema = z
  .strictObject({
    requests: count,
    errors: count,
    /** Requests given to the arm. */
    assigned: count.nullable().default(null),
    /** Requests that took longer than SLOWER_THAN_MS; milliseconds of the percentiles. */
    slow: count.nullable().default(null),
    p50: milliseconds.default(null),
    p95: milliseconds.default(null),
    predictions: z.record(z.string(), count).nullable().default(null),
  })
  .refine(({ requests, errors, slow }) => errors <= requests && (slow ?? 0) <= requests, {
    message: 'errors and slow are some of the requests',
  });

const COMMAND_TIMEOUT_MS = 60_000;

export interface CommandCountsOptions {
  command: string;
  clock: WindowClock;
  arms: () => Readonly<Record<ArmName, ArmLabels | null>>;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** Counts by a program of the user's, run for each arm and each window. */
export function commandCounts(options: CommandCountsOptions): CountsSource {
  const { clock } = options;
  return {
    lastSequence: () => lastWindow(clock),
    async windows(after, slowerThanMs) {
      const due = dueWindows(clock, after);
      if (!due) return [];
      const windows = [];
      for (let sequence = due[0]; sequence <= due[1]; sequence += 1) {
        const labels = options.arms();
        const arms = await ofBothArms(async (arm) => {
          const of = labels[arm];
          return of ? askCommand(options, of, sequence, slowerThanMs) : NOTHING_SEEN;
        });
        windows.push(clockWindow(clock, sequence, arms));
      }
      return windows;
    },
  };
}

async function askCommand(
  { command, clock, env, signal }: CommandCountsOptions,
  { arm, server, digest }: ArmLabels,
  sequence: number,
  slowerThanMs: number | null,
): Promise<ArmWindow> {
  const at = (index: number): string => new Date(index * clock.intervalMs).toISOString();
  const lines: string[] = [];
  const { exitCode, timedOut, cancelled } = await runProgram({
    command,
    env: programEnvironment(env, {
      ARM: arm,
      SERVER: server,
      DIGEST: digest,
      START: at(sequence - 1),
      END: at(sequence),
      SLOWER_THAN_MS: slowerThanMs === null ? '' : String(slowerThanMs),
    }),
    onLine: (line) => lines.push(line),
    signal,
    timeoutMs: COMMAND_TIMEOUT_MS,
    graceMs: 2_000,
  });
  // The rollout that is cancelled ends by itself.
  if (cancelled) return NOTHING_SEEN;
  const last = lines.filter((line) => line.trim() !== '').at(-1) ?? '';
  if (exitCode !== 0) {
    const how = timedOut ? `did not end within ${COMMAND_TIMEOUT_MS / 1000} s` : `ended with ${exitCode}`;
    throw refused(`${how}, asked for the ${arm}${last && `: ${last.slice(0, 300)}`}`);
  }
  const { assigned, requests, errors, slow, p50, p95, predictions } = parsePrinted(last, arm);
  const latency = slow === null && p50 === null && p95 === null ? null : { slow, p50, p95 };
  return { assigned, requests, errors, latency, predictions };
}

function parsePrinted(line: string, arm: ArmName): z.infer<typeof printedSchema> {
  let value: unknown;
  try {
    value = JSON.parse(line, (_, inner: unknown) => (isCounts(inner) ? recordableNames(inner) : inner));
  } catch {
    throw refused(`printed no JSON in its last line for the ${arm}: ${line.slice(0, 300)}`);
  }
  const parsed = printedSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refused(`printed for the ${arm} what cannot be used (${issue!.path.join('.')}: ${issue!.message})`);
}

/** A class of predictions may have the one name that is lost where objects are read. */
const isCounts = (value: unknown): value is Record<string, number> =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__');

function refused(what: string): UserError {
  return new UserError(`The command of metrics ${what}.`, {
    where: { key: 'metrics.command' },
    fix: 'Print {"requests": 100, "errors": 1} in the last line; slow, p50, p95, assigned and predictions may be there.',
  });
}
