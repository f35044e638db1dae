import * as z from 'zod';
import { UserError } from '../../shared/errors.ts';
import { sha256 } from '../../shared/records/canonical-json.ts';
import { type Contract, contractSchema } from '../../shared/records/contract.ts';
import {
  type PositionedDocument,
  parseYamlDocument,
  readYamlDocument,
} from '../../shared/records/document.ts';
import { nearest } from '../../shared/records/nearest.ts';
import type { LeftOver } from './importing/contract-draft.ts';
import type { Rule } from './rule.ts';

export interface FoundContract {
  document: PositionedDocument<Contract>;
  /** Which of the contract's schema objects speaks of the data. */
  objectIndex: number;
  /** Of the file's bytes. */
  digest: string;
  /** What a contract of another tool asks for beyond what is judged here; empty for one of the standard. */
  left: readonly LeftOver[];
  /** Whether it was written for another tool. */
  isImported?: boolean;
  /** How many rules it has, where this run has made it. */
  suggestedRules?: number;
}

/**
 * Reads a contract, of the standard or of another tool; `flights.yaml#trips` chooses one of several schema objects.
 * @throws UserError for a file that is no contract, or when it is open which object is meant.
 */
export async function readContract(given: string): Promise<FoundContract> {
  const hash = given.lastIndexOf('#');
  const file = hash === -1 ? given : given.slice(0, hash);
  const wanted = hash === -1 ? undefined : given.slice(hash + 1);
  const found = await readYamlDocument(file, z.unknown());
  const digest = sha256(found.text);
  if (!isOfTheStandard(found.value)) {
    const { importContract } = await import('./importing/import-contract.ts');
    const imported = importContract(found, wanted);
    if (imported) return { ...imported, isImported: true, objectIndex: 0, digest };
  }
  const document = await parseYamlDocument(found.text, file, contractSchema);
  const left: LeftOver[] = [];
  const names = document.value.schema.map((object) => object.name);
  if (wanted === undefined) {
    if (names.length === 1) return { document, objectIndex: 0, digest, left };
    throw new UserError(`${file} describes several objects, and it is open which of them the data are.`, {
      where: document.locate(['schema']),
      fix: `Name one: ${names.map((name) => `${file}#${name}`).join(' or ')}.`,
    });
  }
  const objectIndex = names.indexOf(wanted);
  if (objectIndex !== -1) return { document, objectIndex, digest, left };
  const guess = nearest(wanted, names);
  throw new UserError(`${file} has no object ${JSON.stringify(wanted)}.`, {
    where: document.locate(['schema']),
    fix: guess ? `Did you mean ${JSON.stringify(guess)}?` : `Its objects are: ${names.join(', ')}.`,
  });
}

/** A contract of the standard, however broken, says so; those of other tools do not. */
function isOfTheStandard(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('apiVersion' in value || 'schema' in value);
}

/** What is left over, as a check that says why it was not made. */
export function leftOverRule({ what, why, path }: LeftOver): Rule {
  const test = { kind: 'settled', verdict: 'not_judged', observed: why } as const;
  return { columns: [], words: what, problem: '', severity: 'info', test, path };
}
