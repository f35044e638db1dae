import type { JsonObject } from '../../records/json-object.ts';

/** One request may hold many rows; these columns are added to what was asked and answered in each. */
export interface PayloadRow extends JsonObject {
  /** Of the event, which is what late labels are joined on. */
  event_id: string | null;
  /** ISO 8601. */
  event_time: string | null;
  /** Place of the row in its request, from 0. */
  event_row: number;
}

const RESERVED = ['event_id', 'event_time', 'event_row', 'inference_id'];

/** What keeps a line out of the table, in words for people. */
export class UnreadablePayload extends Error {}

/**
 * Puts what was asked and what was answered into rows.
 * @throws UnreadablePayload when they are of different lengths, or a feature has a name that is taken.
 */
export function payloadRows(
  event: { id: string | null; time: string | null; inferenceId?: string | null },
  inputs: readonly JsonObject[] | undefined,
  outputs: readonly JsonObject[] | undefined,
): PayloadRow[] {
  if (inputs && outputs && inputs.length !== outputs.length)
    throw new UnreadablePayload(`${inputs.length} rows were asked and ${outputs.length} answered`);
  const count = inputs?.length ?? outputs?.length ?? 0;
  return Array.from({ length: count }, (_, index) => {
    const [asked, answered] = [inputs?.[index] ?? {}, outputs?.[index] ?? {}];
    const taken = [...RESERVED, ...Object.keys(answered)].find((name) => name in asked);
    if (taken !== undefined)
      throw new UnreadablePayload(`a feature is called ${taken}, which is a column of the log`);
    return {
      event_id: event.id,
      event_time: event.time,
      event_row: index,
      ...(event.inferenceId !== undefined && { inference_id: event.inferenceId }),
      ...asked,
      ...answered,
    };
  });
}

/** A text as a number where it is written as one, null where it is empty. Leading zeros make a code, not a number. */
export function plainField(text: string): string | number | null {
  if (text === '') return null;
  const isNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text);
  // A whole number that JavaScript would round stays text.
  return isNumber && (Number.isSafeInteger(Number(text)) || /[.eE]/.test(text)) ? Number(text) : text;
}
