import type { ContractDraft, Path } from './contract-draft.ts';
import type { RuleHead } from './row-rules.ts';

/** One expectation, with what it needs to become a rule. */
export interface Expectation {
  head: RuleHead;
  /** Its arguments. */
  given: Readonly<Record<string, unknown>>;
  /** The column that it is about; empty for one about the table. */
  column: string;
  /** The share of values that must hold, 1 where it says nothing. */
  mostly: number;
  draft: ContractDraft;
  origin: Path;
}

/** Puts an expectation into the draft, or says why it cannot. */
export type Translation = (expectation: Expectation) => string | undefined;
