/** Where predictions are no numbers: a verdict that rests on that says at which id, and in which column of which file. */
import { basename } from 'node:path';
import type { Column } from '../../../shared/data/columns.ts';
import type { Engine } from '../../../shared/data/engine.ts';
import type { Need } from '../../../shared/metrics/metric-definition.ts';
import { quoted } from './column-values.ts';
import { JOINED, type Joined } from './join-sides.ts';
import type { Side } from './prediction-tables.ts';
import type { TaskColumns } from './task-columns.ts';

/** By what the task calls a column the place of its first value that is no finite number, for people. */
export type Gaps = ReadonlyMap<string, string>;

export interface GapsOfModels {
  champion: Gaps;
  challenger: Gaps;
}

/** Looks through what either model predicted, in the order of the training runs. */
export async function findGaps(
  engine: Engine,
  joined: Joined,
  columns: Record<string, Column>,
): Promise<GapsOfModels> {
  const ofModel = async (runs: readonly TaskColumns[]): Promise<Gaps> => {
    const gaps = new Map<string, string>();
    for (const [role, there] of runs.flatMap((run) => Object.entries(run))) {
      const row = gaps.has(role) ? -1 : firstGap(columns[there]!);
      if (row < 0) continue;
      const origin = joined.origins[there]!;
      const file = origin.side.hasMoreFiles ? '' : ` (${basename(origin.side.file)})`;
      gaps.set(role, `${await placeOf(engine, row, origin)}${file}`);
    }
    return gaps;
  };
  return { champion: await ofModel(joined.champion ?? []), challenger: await ofModel(joined.challenger) };
}

/** Text is no number either, but which is no label is said where labels are read. */
function firstGap({ kind, values, nulls }: Column): number {
  const empty = nulls.indexOf(1);
  if (kind === 'text') return empty;
  return (values as Float64Array).findIndex((value, row) => nulls[row] === 1 || !Number.isFinite(value));
}

/** `column "proba" of the predictions at id "f0003"`. Plain text, of a stranger where the files are. */
export async function placeOf(
  engine: Engine,
  row: number,
  { side, name }: { side: Side; name: string },
): Promise<string> {
  const [found] = await engine.rows(`SELECT id::VARCHAR AS id FROM ${JOINED} LIMIT 1 OFFSET ${row}`);
  return `column ${quoted(name)} of ${side.title} at id ${quoted(String(found?.id))}`;
}

/**
 * Why there is no number, with the place of the first value that is none.
 * @param reads what the metric needs, or the name of its column of scores. @param ofAll not of a slice alone.
 */
export function withPlace(why: string, gaps: Gaps | undefined, reads: Need | string, ofAll: boolean): string {
  const usual = reads === 'scores' || reads === 'probabilities' ? 'y_score' : 'y_pred';
  const roles = [...(gaps?.keys() ?? [])];
  const role =
    roles.find((one) => one === reads) ??
    roles.find((one) => one === usual || one.startsWith(`${usual}_`)) ??
    // Labels are made of scores where the policy has a threshold.
    roles[0];
  return role === undefined
    ? why
    : `${why}; the first${ofAll ? '' : ' of all rows'} is in ${gaps!.get(role)}`;
}
