/**
 * What differs first between an expected and a given JSON value, by path; undefined when they are equal. Numbers are
 * equal within `tolerance`, absolutely or as a share of the expected one, whichever allows more. The order of keys
 * means nothing, that of arrays does.
 */
export function firstDifference(expected: unknown, given: unknown, tolerance: number): string | undefined {
  return compare(expected, given, { tolerance, path: '$' });
}

interface Place {
  tolerance: number;
  path: string;
}

function compare(expected: unknown, given: unknown, place: Place): string | undefined {
  const { tolerance, path } = place;
  if (typeof expected === 'number' && typeof given === 'number') {
    const allowed = Math.max(tolerance, tolerance * Math.abs(expected));
    return Math.abs(expected - given) <= allowed ? undefined : different(path, expected, given);
  }
  if (Array.isArray(expected) && Array.isArray(given)) {
    if (expected.length !== given.length) {
      return `${path} has ${given.length} elements in place of ${expected.length}`;
    }
    for (const [index, value] of expected.entries()) {
      const found = compare(value, given[index], { tolerance, path: `${path}[${index}]` });
      if (found) return found;
    }
    return undefined;
  }
  if (isObject(expected) && isObject(given)) {
    const added = Object.keys(given).find((key) => !Object.hasOwn(expected, key));
    for (const [key, value] of Object.entries(expected)) {
      const at = keyPath(path, key);
      if (!Object.hasOwn(given, key)) return `${at} is missing`;
      const found = compare(value, given[key], { tolerance, path: at });
      if (found) return found;
    }
    return added === undefined ? undefined : `${keyPath(path, added)} was not expected`;
  }
  return expected === given ? undefined : different(path, expected, given);
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `$.predictions`, or `$["a key"]` where it is no plain word. */
export function keyPath(path: string, key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

const MOST_SHOWN = 60;

function different(path: string, expected: unknown, given: unknown): string {
  const shown = (value: unknown) => {
    const text = JSON.stringify(value);
    return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  };
  return `${path} is ${shown(given)} in place of ${shown(expected)}`;
}
