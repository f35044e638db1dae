import { resolve } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import type { DataProfile } from '../../../shared/records/data-profile.ts';
import type { DataValidation } from '../../../shared/records/data-validation.ts';
import { writeFileAtomically } from '../../../shared/records/folder.ts';
import { nearest } from '../../../shared/records/nearest.ts';
import { frictionlessReport } from './frictionless-report.ts';
import { greatExpectationsResult } from './great-expectations-result.ts';
import { junitReport } from './junit.ts';

/** The result of the checks in the words of other tools, for what already reads theirs. */

const EXPORTS: Readonly<Record<string, (record: DataValidation, profile: DataProfile) => string>> = {
  junit: junitReport,
  'great-expectations': greatExpectationsResult,
  frictionless: frictionlessReport,
};

export interface Export {
  format: string;
  path: string;
}

/** `junit=checks.xml` → what to write where. @throws UserError for an unknown format. */
export function exportsOf(given: Readonly<Record<string, string>>): Export[] {
  return Object.entries(given).map(([format, path]) => {
    const known = Object.keys(EXPORTS);
    const where = { key: 'export' };
    if (!known.includes(format)) {
      const guess = nearest(format, known);
      throw new UserError(`There is no export "${format}".`, {
        where,
        fix: guess ? `Did you mean ${guess}?` : `Known are ${known.join(', ')}.`,
      });
    }
    if (path === '')
      throw new UserError(`The export ${format} names no file.`, {
        where,
        fix: `Write it as ${format}=path.`,
      });
    return { format, path };
  });
}

/** Writes every export. @throws UserError where a file cannot be written. */
export async function writeExports(
  wanted: readonly Export[],
  record: DataValidation,
  profile: DataProfile,
): Promise<void> {
  for (const { format, path } of wanted) {
    await writeFileAtomically(resolve(path), EXPORTS[format]!(record, profile)).catch((cause: Error) => {
      throw new UserError(`The export ${format} cannot be written: ${cause.message}`, {
        where: { file: path, key: 'export' },
        fix: 'Give a path in a folder that can be written.',
        cause,
      });
    });
  }
}
