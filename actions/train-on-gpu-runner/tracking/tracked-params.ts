import type { Params } from '../params.ts';
import { valueText } from '../params.ts';

export interface TrackedParams {
  /** To be logged. */
  missing: { key: string; value: string }[];
  /** Names of those that the run has with another value. */
  other: string[];
}

const LONGEST = 500;

/**
 * What is left to log once the script has ended. A param of MLflow cannot change: logged before, `1e-05` here and
 * `0.00001` there would make the script's own `log_param` fail.
 */
export function paramsToLog(
  params: Params,
  present: Readonly<Record<string, string>>,
  mask: (text: string) => string,
): TrackedParams {
  const missing: TrackedParams['missing'] = [];
  const other: string[] = [];
  for (const [name, content] of Object.entries(params)) {
    const key = name.replace(/[^\w.\- /]/g, '_').slice(0, 250);
    // MLflow before 2.8 takes no longer ones.
    const value = mask(valueText(content)).slice(0, LONGEST);
    const there = Object.hasOwn(present, key) ? present[key] : undefined;
    if (there === undefined) missing.push({ key, value });
    else if (!means(there, value)) other.push(key);
  }
  return { missing, other };
}

/** Python writes True, None and 1e-05. */
function means(a: string, b: string): boolean {
  const word = (text: string) =>
    text
      .trim()
      .toLowerCase()
      .replace(/^(none|null)$/, '');
  if (word(a) === word(b)) return true;
  return a.trim() !== '' && b.trim() !== '' && Number(a) === Number(b);
}
