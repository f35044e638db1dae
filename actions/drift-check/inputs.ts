/** The inputs of drift-check beside the common ones. */
import type * as z from 'zod';
import { fields, parseDuration } from '../../shared/runtime/fields.ts';
import type { commonInputs } from '../../shared/runtime/inputs.ts';
import type { ChunkSize } from './chunks.ts';
import { DEFAULT_COOL_DOWN, parseCoolDown, parseRetrainWorkflow } from './closing-the-loop/wanted.ts';

/** `5000` rows or `7d`. @throws Error on anything else. */
export function parseChunk(text: string): ChunkSize {
  if (/^\d+$/.test(text)) {
    const size = Number(text);
    if (size < 1) throw new Error('a chunk has at least one row');
    return { by: 'rows', size };
  }
  const size = parseDuration(text);
  if (size <= 0) throw new Error('a period is longer than nothing');
  return { by: 'period', size };
}

export const inputs = {
  reference: fields.list({}),
  data: fields.list({}),
  labels: fields.list({ optional: true }),
  query: fields.text({ optional: true }),
  referenceQuery: fields.text({ optional: true }),
  labelsQuery: fields.text({ optional: true }),
  dialect: fields.text({ optional: true }),
  policy: fields.text({ optional: true }),
  importance: fields.text({ optional: true }),
  chunk: fields.parsed({ optional: true }, parseChunk),
  onDrift: fields.choices(['issue', 'dispatch'], { optional: true }),
  retrainWorkflow: fields.parsed({ optional: true }, parseRetrainWorkflow),
  coolDown: fields.parsed({ default: DEFAULT_COOL_DOWN }, parseCoolDown),
};

export type DriftInputs = z.infer<z.ZodObject<ReturnType<typeof commonInputs> & typeof inputs>>;
