import type { TableProfile } from '../../shared/data/profile.ts';
import { type DataFiles, type LoadedTable, publicNames } from '../../shared/data/source.ts';
import type { DataProfile } from '../../shared/records/data-profile.ts';
import type { DataCheck, DataValidation, PersonalColumn } from '../../shared/records/data-validation.ts';
import { type RecordInput, type RecordSource, recordHead } from '../../shared/records/envelope.ts';
import { columnName } from './compile-contract.ts';
import { maskedText, maskKey } from './examples.ts';
import type { Given } from './inputs.ts';
import { withoutMaskedValues } from './masking.ts';
import type { FoundContract } from './read-contract.ts';
import { overallVerdict, reasonFor } from './verdict.ts';

/** What was found, before it is a record. */
export interface Found {
  given: Given;
  source: RecordSource;
  now: Date;
  data: DataFiles;
  contract: FoundContract | undefined;
  loaded: LoadedTable;
  profile: TableProfile;
  checks: DataCheck[];
  personalColumns: PersonalColumn[];
  /** Columns whose values stay out of both records. */
  masked: ReadonlySet<string>;
  /** What was found out while the data, and what they were compared with, were read. */
  notes: readonly string[];
  /** What the data were compared with. */
  compared: readonly RecordInput[];
}

const LISTED_LINES = 20;

/** The DataValidation and the DataProfile of one run. */
export function makeRecords(found: Found): { validation: DataValidation; profile: DataProfile } {
  const { given, data, contract, loaded, checks } = found;
  const object = contract?.document.value.schema[contract.objectIndex];
  const judged = {
    rejectedLines: loaded.rejectedCount,
    rowCount: loaded.rowCount,
    described: object?.properties.length,
  };
  const head = {
    name: given.name,
    source: found.source,
    createdAt: found.now,
    subject: data.digest,
    inputs: [
      { role: 'data', name: publicNames(given.data), digest: data.digest },
      ...(contract ? [{ role: 'contract', name: contract.document.file, digest: contract.digest }] : []),
      ...found.compared,
    ],
    verdict: overallVerdict(checks, judged),
    reason: reasonFor(checks, judged),
  };
  const covered = new Set(object?.properties.map(columnName));
  const validation: DataValidation = {
    ...recordHead('DataValidation', head),
    contract:
      contract && object
        ? {
            file: contract.document.file,
            id: contract.document.value.id,
            version: contract.document.value.version,
            object: object.name,
            digest: contract.digest,
          }
        : null,
    rowCount: loaded.rowCount,
    rejectedLines: { count: loaded.rejectedCount, examples: rejectedLines(found) },
    checks,
    uncoveredColumns: object
      ? loaded.columns.map((column) => column.name).filter((name) => !covered.has(name))
      : [],
    personalColumns: found.personalColumns,
    notes: [...found.notes],
    exampleMode: given.examples ?? 'masked',
  };
  const profile: DataProfile = {
    ...recordHead('DataProfile', {
      ...head,
      verdict: 'pass',
      reason: `${loaded.rowCount.toLocaleString('en-US')} rows were profiled.`,
    }),
    format: data.format,
    files: data.files.map((file) => ({
      path: file.path,
      bytes: file.bytes,
      digest: `sha256:${file.sha256}`,
    })),
    rejectedLines: loaded.rejectedCount,
    ...withoutMaskedValues(found.profile, found.masked),
  };
  return { validation, profile };
}

/** The engine's messages quote what they could not read, and a line may hold anything. */
function rejectedLines({ given, data, loaded }: Found): LoadedTable['rejected'] {
  const lines = loaded.rejected.slice(0, LISTED_LINES);
  if (given.examples === 'full') return lines;
  const hash = maskedText(maskKey(given, data.digest));
  const hidden = (text: string): string => (given.examples === 'none' ? '…' : hash(text));
  return lines.map((line) => ({
    ...line,
    message: line.message.replace(/string "(.*?)"(?= |$)/g, (_, text: string) => `string "${hidden(text)}"`),
  }));
}
