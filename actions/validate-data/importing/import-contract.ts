import type { PositionedDocument } from '../../../shared/records/document.ts';
import type { ImportedContract } from './contract-draft.ts';
import { importDbt, isDbtProperties } from './dbt.ts';
import { importTableSchema, isTableSchema } from './frictionless.ts';
import { importSuite, isSuite } from './great-expectations.ts';
import { importPandera, isPanderaSchema } from './pandera.ts';
import { importConstraints, isConstraints } from './sagemaker-constraints.ts';

/**
 * Reads a contract that was written for another tool, recognised by what it holds.
 * @param wanted which of several tables.
 * @returns undefined when it is none of those known.
 * @throws UserError when it is open which of several tables is meant.
 */
export function importContract(
  { value, ...document }: PositionedDocument<unknown>,
  wanted?: string,
): ImportedContract | undefined {
  if (isSuite(value)) return importSuite({ value, ...document });
  if (isPanderaSchema(value)) return importPandera({ value, ...document });
  if (isConstraints(value)) return importConstraints({ value, ...document });
  if (isTableSchema(value)) return importTableSchema({ value, ...document }, wanted);
  if (isDbtProperties(value)) return importDbt({ value, ...document }, wanted);
  return undefined;
}
