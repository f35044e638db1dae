import type { Import } from '../pickle/values.ts';

/** A dotted name as an import: all before the last dot is the module, which may be empty. */
export function importOf(dotted: string): Import {
  const [, module = '', name = dotted] = /^(.*)\.([^.]*)$/.exec(dotted) ?? [];
  return { module, name };
}
