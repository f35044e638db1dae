/** Earlier runs that the data are compared with, in order of time. */
import type { ContractObject } from '../../../shared/records/contract.ts';
import { OWN_ENGINE, ownRuleName } from '../../../shared/records/contract-rules.ts';
import type { ColumnSketch } from '../../../shared/records/data-profile.ts';
import type { RecordInput } from '../../../shared/records/envelope.ts';

/** What is kept of an earlier run. */
export interface EarlierRun {
  /** ISO 8601, when its profile was made. */
  at: string;
  digest: string;
  rowCount: number;
  columns: ReadonlyMap<string, ColumnSketch>;
}

export interface History {
  /** The oldest first; no two of the same bytes. */
  runs: readonly EarlierRun[];
  /** Why others do not count, e.g. `2 whose data did not pass`. */
  leftOut: readonly string[];
  input: RecordInput;
  /** When this run is. */
  now: Date;
}

/** Whether the contract says itself what is compared with earlier runs. */
export function asksForHistory(object: ContractObject | undefined): boolean {
  return [object, ...(object?.properties ?? [])].some((described) =>
    described?.quality?.some(
      (rule) => rule.engine === OWN_ENGINE && ownRuleName(rule.implementation) === 'history',
    ),
  );
}
