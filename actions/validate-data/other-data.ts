/** Data sets that the contract's rules compare with: loaded once each, before SQL from outside may run. */
import type { Engine } from '../../shared/data/engine.ts';
import {
  accessToOther,
  type DataAccess,
  loadingNotes,
  loadTable,
  publicName,
  resolveData,
} from '../../shared/data/source.ts';
import { UserError } from '../../shared/errors.ts';
import type { Contract } from '../../shared/records/contract.ts';
import { OWN_ENGINE, ownRuleName } from '../../shared/records/contract-rules.ts';
import type { PositionedDocument } from '../../shared/records/document.ts';
import type { RecordInput } from '../../shared/records/envelope.ts';
import type { Reference } from './reference.ts';
import type { OtherData } from './rules/rule-context.ts';

/** The word that stands for what the input `reference` gives. */
const REFERENCE = 'reference';

interface Named {
  name: string;
  path: (string | number)[];
}

export interface LoadedOthers {
  others: Map<string, OtherData>;
  inputs: RecordInput[];
  readsFrom: string[];
  /** What was found out while they were read. */
  notes: string[];
}

/** The data sets that rules of one object name, with the place of the first rule that does. */
function namedData(contract: Contract, objectIndex: number): Named[] {
  const object = contract.schema[objectIndex]!;
  const at = ['schema', objectIndex];
  const lists = [
    { rules: object.quality ?? [], path: [...at, 'quality'] },
    ...object.properties.map((property, index) => {
      return { rules: property.quality ?? [], path: [...at, 'properties', index, 'quality'] };
    }),
  ];
  const named = new Map<string, Named>();
  for (const { rules, path } of lists) {
    for (const [index, rule] of rules.entries()) {
      const own = rule.engine === OWN_ENGINE ? ownRuleName(rule.implementation) : undefined;
      if (own === undefined) continue;
      const given = (rule.implementation as Record<string, Record<string, unknown>>)[own]!;
      const key = own === 'foreignKey' ? 'data' : 'with';
      const name = given[key];
      if (typeof name === 'string' && !named.has(name))
        named.set(name, { name, path: [...path, index, 'implementation', own, key] });
    }
  }
  return [...named.values()];
}

/** Whether a rule compares with the rows of the reference, which must then stay loaded. */
export function needsReference(contract: Contract, objectIndex: number): boolean {
  return namedData(contract, objectIndex).some(({ name }) => name === REFERENCE);
}

/** Loads what the rules of a contract name. @throws UserError at the rule that names what is not there. */
export async function loadOtherData(
  engine: Engine,
  document: PositionedDocument<Contract>,
  objectIndex: number,
  reference: Reference | undefined,
  options: { temporaryFolder: string; textColumns: readonly string[]; access?: DataAccess },
): Promise<LoadedOthers> {
  const loaded: LoadedOthers = { others: new Map(), inputs: [], readsFrom: [], notes: [] };
  for (const [index, { name, path }] of namedData(document.value, objectIndex).entries()) {
    if (name === REFERENCE) {
      if (!reference) {
        throw new UserError('A rule compares with the reference, and none is given.', {
          where: document.locate(path),
          fix: 'Give the input reference, or name a file in the rule.',
        });
      }
      loaded.others.set(name, {
        table: reference.table,
        rowCount: reference.rowCount,
        columns: reference.columns.map(({ name, type }) => ({ name, type })),
        sketches: new Map(reference.columns.map((column) => [column.name, column])),
      });
      loaded.readsFrom.push(...reference.readsFrom);
      continue;
    }
    const table = `other data ${index + 1}`;
    try {
      const data = await resolveData([name], options.access && accessToOther(options.access));
      const { rowCount, columns, readsFrom, notes } = await loadTable(engine, data, table, options);
      loaded.others.set(name, { table, rowCount, columns, sketches: new Map() });
      loaded.inputs.push({ role: 'compared', name: publicName(name), digest: data.digest });
      loaded.readsFrom.push(...readsFrom);
      loaded.notes.push(...loadingNotes(notes, publicName(name)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(error.message, { where: document.locate(path), fix: error.fix, cause: error });
    }
  }
  return loaded;
}
