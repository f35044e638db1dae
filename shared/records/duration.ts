/** Lengths of time as people write them in policies and rollout files. */
import * as z from 'zod';

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const durationSchema = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'write a duration like 30s, 5m, 2h or 7d')
  .describe('A duration such as 30s, 5m, 2h or 7d');

/** Milliseconds of a duration that the schema has let pass. @throws TypeError for any other text. */
export function durationMilliseconds(duration: string): number {
  const match = /^([\d.]+)(ms|s|m|h|d)$/.exec(duration);
  if (!match) throw new TypeError(`${duration} is not a duration`);
  return Number(match[1]) * UNITS[match[2]!]!;
}
