import type { FindingRule } from '../rules.ts';

interface ExternalProblem {
  rule: FindingRule;
  what: string;
}

function locationProblem(location: string): string | undefined {
  if (location === '') return 'is empty';
  // ONNX Runtime takes what follows for an address in its own memory.
  if (location.includes('_ORT_MEM_ADDR_')) return 'is an address in memory';
  if (/^[a-z][a-z0-9+.-]+:/i.test(location)) return 'is an address';
  if (/^[/\\]|^[a-z]:/i.test(location)) return 'is absolute';
  if (location.includes('\0')) return 'has a NUL character';
  if (/(?:^|[/\\])\.\.(?:[/\\]|$)/.test(location)) return 'leads out of the folder of the model';
  if (location.includes('\\')) return 'has a backslash, which leads elsewhere on other systems';
  return undefined;
}

/** Judges one entry of what an ONNX tensor says of its data outside of the file. @returns undefined where it is harmless. */
export function externalProblem(key: string, value: string): ExternalProblem | undefined {
  const shown = JSON.stringify(value.slice(0, 300));
  if (key === 'location') {
    const problem = locationProblem(value);
    return problem === undefined
      ? undefined
      : { rule: 'external-data', what: `The location ${shown} of external data ${problem}.` };
  }
  if (key !== 'offset' && key !== 'length') return undefined;
  const isFit = /^\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value));
  return isFit
    ? undefined
    : { rule: 'header-does-not-fit', what: `The ${key} ${shown} of external data is no size.` };
}

/**
 * Judges where the data of a tensor lie in the file that has them, by entries that are harmless one by one.
 *
 * @param size of that file, in bytes.
 * @returns the end of a sentence about the data; undefined where they are within that file.
 */
export function rangeProblem(entries: ReadonlyMap<string, string>, size: number): string | undefined {
  const end = Number(entries.get('offset') ?? 0) + Number(entries.get('length') ?? 0);
  if (end <= size) return undefined;
  return `reach to byte ${end} of ${JSON.stringify(entries.get('location'))}, which has ${size}`;
}
