/** What `main` leaves for `post`: one object, held to the action's own schema on both sides. */
import type * as z from 'zod';

export const STATE_KEY = 'mlops-actions';

/** @throws TypeError when the action declares no state or the object does not follow its schema. */
export function writeState(schema: z.ZodType | undefined, state: unknown): string {
  if (!schema) throw new TypeError('This action saves state but declares no schema for it');
  return JSON.stringify(schema.parse(state));
}

/** The saved object, or undefined when `main` ended before it saved any. */
export function readState(schema: z.ZodType | undefined, text: string): unknown {
  return text === '' || !schema ? undefined : schema.parse(JSON.parse(text));
}
