import type { UserError } from '../../shared/errors.ts';
import { type Contract, type ContractObject, FRESHNESS_HOURS } from '../../shared/records/contract.ts';
import { nearest } from '../../shared/records/nearest.ts';
import { typedColumn } from './column-types.ts';
import type { Rule } from './rule.ts';

type Path = readonly (string | number)[];

/** Promises about the data (freshness) as checks; those about a service are told of. @param columnOf of properties. */
export function serviceLevelRules(
  contract: Contract,
  object: ContractObject,
  columnOf: ReadonlyMap<string, string>,
  types: ReadonlyMap<string, string>,
  fail: (what: string, where: Path, fix: string) => UserError,
): Rule[] {
  return (contract.slaProperties ?? []).flatMap((promise, index): Rule[] => {
    const path: Path = ['slaProperties', index];
    const element = promise.element ?? contract.slaDefaultElement;
    const words = `${promise.property}: ${promise.value}${promise.unit ? ` ${promise.unit}` : ''}`;
    if (promise.property !== 'freshness') {
      const test = {
        kind: 'settled',
        verdict: 'not_judged',
        observed: 'a promise about the service',
      } as const;
      return [{ columns: [], words, problem: '', severity: 'info', test, path }];
    }
    if (!element)
      throw fail(
        'freshness does not say which property holds the time',
        path,
        'Give an element, e.g. trips.pickup_at.',
      );
    const dot = element.indexOf('.');
    if (dot !== -1 && element.slice(0, dot) !== object.name) {
      if (contract.schema.some((other) => other.name === element.slice(0, dot))) return [];
    }
    const name = dot !== -1 && element.slice(0, dot) === object.name ? element.slice(dot + 1) : element;
    const property = object.properties.find((candidate) => candidate.name === name);
    if (!property) {
      const guess = nearest(
        name,
        object.properties.map((candidate) => candidate.name),
      );
      throw fail(
        `The contract has no property ${JSON.stringify(name)}`,
        [...path, 'element'],
        guess ? `Did you mean ${JSON.stringify(guess)}?` : 'Name a property of the schema.',
      );
    }
    const column = columnOf.get(property.name)!;
    const newest = typedColumn(column, property.logicalType ?? 'timestamp', types.get(column) ?? 'VARCHAR');
    const hours = Number(promise.value) * FRESHNESS_HOURS[promise.unit!]!;
    const test = { kind: 'freshness', column, newest: `max(${newest}::TIMESTAMP)`, hours } as const;
    return [{ columns: [column], words, problem: 'is the newest time', severity: 'error', test, path }];
  });
}
