import { isObject, keyPath } from './json-difference.ts';

/**
 * The shape of a JSON value: each path with the types found there; `[]` stands for any element. Lengths of arrays at
 * the same depth belong to it (`$.predictions: 2 elements`), since a client that unpacks an answer relies on them.
 */
export function jsonShape(value: unknown): Map<string, string> {
  const types = new Map<string, Set<string>>();
  const walk = (at: string, one: unknown) => {
    const found = types.get(at) ?? new Set<string>();
    found.add(typeName(one));
    types.set(at, found);
    if (Array.isArray(one)) for (const element of one) walk(`${at}[]`, element);
    else if (isObject(one)) for (const [key, member] of Object.entries(one)) walk(keyPath(at, key), member);
  };
  walk('$', value);
  return new Map([...types].map(([path, names]) => [path, [...names].sort().join(' or ')]));
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `array of ${value.length}`;
  return typeof value;
}

/** Where two shapes differ, each as a clause, sorted by path. */
export function shapeDifferences(
  champion: ReadonlyMap<string, string>,
  challenger: ReadonlyMap<string, string>,
): string[] {
  const paths = [...new Set([...champion.keys(), ...challenger.keys()])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [champion.get(path), challenger.get(path)];
    if (was === is) return [];
    if (was === undefined) return [`${path} is ${is} and was not there`];
    if (is === undefined) return [`${path} was ${was} and is not there`];
    return [`${path} is ${is} and was ${was}`];
  });
}
