/**
 * The metrics of the steps before a checkpoint travel with it, in a file of the checkpoint folder: into the store, the
 * cache, or with the folder itself. So the record of a training that was interrupted tells of all of it.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { metricValueSchema } from '../../../shared/records/metric-value.ts';
import { type KeptLooks, keptLooksSchema } from '../watch/early-stopping.ts';
import type { KeptHistory } from '../watch/history.ts';
import { isOwnName } from './folder-note.ts';
import { type Scan, scanFolder } from './scan.ts';
import { stepOf } from './training-step.ts';

export const HISTORY = '.mlops-history.json';
/** A line is read a moment after it was printed, and may by then be younger than the checkpoint that followed it. */
const LATE_MS = 100;

const schema = z.strictObject({
  schemaVersion: z.literal(1),
  /** What is trained: see `workIdentity`. */
  work: z.string(),
  offsets: z.array(z.tuple([z.number(), z.number()])).max(1_000),
  curves: z.record(
    z.string(),
    z.strictObject({
      steps: z.array(z.number()).max(1_000),
      values: z.array(metricValueSchema).max(1_000),
      times: z.array(z.number()).max(1_000),
      counted: z.boolean(),
    }),
  ),
  earlyStop: keptLooksSchema.optional(),
});

/** When a checkpoint was made: the step of the training and the time of its last byte, null where they are not known. */
export interface CheckpointMoment {
  step: number | null;
  /** Milliseconds since 1970. */
  at: number | null;
}

/** Of what lies in a folder. */
export async function momentOf(folder: string, scan?: Scan): Promise<CheckpointMoment> {
  const { files } = scan ?? (await scanFolder(folder, isOwnName));
  const step = await stepOf(
    folder,
    files.map(({ path }) => path),
  );
  return { step, at: files.length === 0 ? null : Math.max(...files.map(({ changedAt }) => changedAt)) };
}

/**
 * What was seen when the checkpoint was made. Its step need not be in the unit of the metrics (the number of an epoch,
 * say), so that what was seen before its last byte stays, whatever its step: what is trained again takes its place.
 */
export function upTo(
  { curves, offsets, earlyStop }: KeptHistory,
  { step, at }: CheckpointMoment,
): KeptHistory {
  const isSeen = (curve: KeptHistory['curves'][string], index: number): boolean => {
    const isEarly = at !== null && curve.times[index]! <= at + (step === null || curve.counted ? LATE_MS : 0);
    if (step === null || curve.counted) return at === null || isEarly;
    return curve.steps[index]! <= step || isEarly;
  };
  const cut = Object.entries(curves).map(([name, curve]) => {
    const seen = curve.steps.flatMap((_, index) => (isSeen(curve, index) ? [index] : []));
    const of = <Value>(values: readonly Value[]) => seen.map((index) => values[index]!);
    return [name, { ...curve, steps: of(curve.steps), values: of(curve.values), times: of(curve.times) }];
  });
  const kept = Object.fromEntries(cut);
  return { curves: kept, offsets, ...(earlyStop && { earlyStop: looksOf(kept, earlyStop) }) };
}

/** There is a look for each value of the metric that is monitored. */
function looksOf(curves: KeptHistory['curves'], { rules, looks }: KeptLooks): KeptLooks {
  const last = curves[rules.monitor]?.steps.at(-1) ?? Number.NEGATIVE_INFINITY;
  return { rules, looks: looks.filter(({ step }) => step <= last) };
}

export function historyBytes(history: KeptHistory, work: string): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ schemaVersion: 1, work, ...history })}\n`);
}

/** @returns undefined where there is none of this work, as beside checkpoints of an earlier release. */
export async function readHistory(folder: string, work: string): Promise<KeptHistory | undefined> {
  try {
    const found = schema.parse(JSON.parse(await readFile(join(folder, HISTORY), 'utf8')));
    const isWhole = Object.values(found.curves).every(
      ({ steps, values, times }) => values.length === steps.length && times.length === steps.length,
    );
    if (found.work !== work || !isWhole) return undefined;
    const { curves, offsets, earlyStop } = found;
    return { curves, offsets, ...(earlyStop && { earlyStop }) };
  } catch {
    return undefined;
  }
}

export async function writeHistory(folder: string, bytes: Uint8Array): Promise<void> {
  const draft = join(folder, `${HISTORY}.draft`);
  await writeFile(draft, bytes);
  await rename(draft, join(folder, HISTORY));
}

export async function removeHistory(folder: string): Promise<void> {
  await rm(join(folder, HISTORY), { force: true });
}
