import { createInterface } from 'node:readline';
import { openUnpacked } from './file-reading.ts';

/** The lines of a text file that hold something, with their 1-based numbers, in bounded memory. */
export async function* numberedLines(path: string): AsyncGenerator<{ text: string; line: number }> {
  const input = openUnpacked(path);
  let line = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      if (text.trim() !== '') yield { text, line };
    }
  } finally {
    input.destroy();
  }
}

/** A line as a JSON object, or what is wrong with it. */
export function jsonObjectOf(
  text: string,
): { value: Record<string, unknown>; problem?: undefined } | { value?: undefined; problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? { value: value as Record<string, unknown> }
      : { problem: 'Not a JSON object' };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'Not valid JSON' };
  }
}
