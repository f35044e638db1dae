import type { UserError } from '../../../shared/errors.ts';
import type { ContractObject, ContractProperty } from '../../../shared/records/contract.ts';
import { nearest } from '../../../shared/records/nearest.ts';
import { columnOfRule, type DataFacts, type RuleContext } from './rule-context.ts';

type Path = readonly (string | number)[];

const nameOf = (property: ContractProperty): string => property.physicalName ?? property.name;

/** Makes the contexts in which rules of ours are compiled for one object of a contract. */
export function ownContext(
  facts: DataFacts,
  object: ContractObject,
  fail: (what: string, where: Path, fix: string) => UserError,
): (path: Path, property: ContractProperty | undefined) => RuleContext {
  const ofColumn = new Map(object.properties.map((property) => [nameOf(property), property]));
  const columnNamed = (name: string) => columnOfRule(name, facts, ofColumn.get(name)?.logicalType);
  const columns = facts.columns.map(({ name }) => columnNamed(name));
  const described = object.properties.map(nameOf);
  return (path, under) => ({
    facts,
    column: under && columnNamed(nameOf(under)),
    columns,
    described,
    find(name, ...key) {
      const property = object.properties.find((candidate) => candidate.name === name);
      if (property) return columnNamed(nameOf(property));
      const column = columns.find((candidate) => candidate.name === name && !ofColumn.has(name));
      if (column) return column;
      const known = [
        ...object.properties.map((candidate) => candidate.name),
        ...columns.map((candidate) => candidate.name),
      ];
      const guess = nearest(name, known);
      const fix = guess
        ? `Did you mean ${JSON.stringify(guess)}?`
        : `Its properties are: ${[...new Set(known)].join(', ')}.`;
      throw fail(`Neither the contract nor the data have ${JSON.stringify(name)}`, [...path, ...key], fix);
    },
    other: (name) => facts.others.get(name)!,
    fail: (what, fix, ...key) => fail(what, [...path, ...key], fix),
  });
}
