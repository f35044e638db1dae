import { UserError } from '../../shared/errors.ts';
import { sha256 } from '../../shared/records/canonical-json.ts';
import { type Contract, contractSchema } from '../../shared/records/contract.ts';
import { type PositionedDocument, readYamlDocument } from '../../shared/records/document.ts';
import { nearest } from '../../shared/records/nearest.ts';

export interface FoundContract {
  document: PositionedDocument<Contract>;
  /** Which of the contract's schema objects speaks of the data. */
  objectIndex: number;
  /** Of the file's bytes. */
  digest: string;
}

/**
 * Reads a contract; `flights.yaml#trips` chooses one of several schema objects.
 * @throws UserError for a file that is no contract, or when it is open which object is meant.
 */
export async function readContract(given: string): Promise<FoundContract> {
  const hash = given.lastIndexOf('#');
  const file = hash === -1 ? given : given.slice(0, hash);
  const document = await readYamlDocument(file, contractSchema);
  const names = document.value.schema.map((object) => object.name);
  const digest = sha256(document.text);
  if (hash === -1) {
    if (names.length === 1) return { document, objectIndex: 0, digest };
    throw new UserError(`${file} describes several objects, and it is open which of them the data are.`, {
      where: document.locate(['schema']),
      fix: `Name one: ${names.map((name) => `${file}#${name}`).join(' or ')}.`,
    });
  }
  const wanted = given.slice(hash + 1);
  const objectIndex = names.indexOf(wanted);
  if (objectIndex !== -1) return { document, objectIndex, digest };
  const guess = nearest(wanted, names);
  throw new UserError(`${file} has no object ${JSON.stringify(wanted)}.`, {
    where: document.locate(['schema']),
    fix: guess ? `Did you mean ${JSON.stringify(guess)}?` : `Its objects are: ${names.join(', ')}.`,
  });
}
