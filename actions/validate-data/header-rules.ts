import type { ContractObject } from '../../shared/records/contract.ts';
import { columnName } from './compile-contract.ts';
import type { Rule } from './rule.ts';

/**
 * A header that has a name twice is an error: which of the columns a rule means is open. A contract that describes the
 * later ones by the names they were given (`name_1`) knows of them, and allows it.
 */
export function duplicateHeaderRules(
  duplicates: readonly string[],
  columns: readonly { name: string }[],
  object: ContractObject | undefined,
): Rule[] {
  const described = new Set((object?.properties ?? []).map((property) => columnName(property).toLowerCase()));
  return duplicates.flatMap((name): Rule[] => {
    const stem = `${name.toLowerCase()}_`;
    const renamed = columns
      .map((column) => column.name)
      .filter(
        (column) => column.toLowerCase().startsWith(stem) && /^[0-9]+$/.test(column.slice(stem.length)),
      );
    const unknown = renamed.filter((column) => !described.has(column.toLowerCase()));
    if (renamed.length > 0 && unknown.length === 0) return [];
    const observed = `the header has it ${renamed.length + 1} times; the later ones are read as ${renamed.join(', ')}`;
    const test = { kind: 'settled', verdict: 'fail', observed } as const;
    return [
      {
        columns: [name],
        words: 'every column has a name of its own',
        problem: 'name stands twice',
        severity: 'error',
        test,
      },
    ];
  });
}
