/** An object of JSON as it was parsed. */
export type JsonObject = Record<string, unknown>;

/** Whether a value is an object, and no list. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
