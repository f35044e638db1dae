/**
 * Every check of validate-data: what it is called in a contract, what it judges, and by which names people know it from
 * other tools. `docs/checks.md` is made of it, and a test holds each row to a passing and a failing case.
 */

import { COMPLETENESS, SCHEMA, UNIQUENESS } from './catalogue-columns.ts';
import { type CatalogueEntry, CHECK_GROUPS, type CheckGroup, type Row } from './catalogue-entry.ts';
import { HISTORY, MACHINE_LEARNING, PRIVACY } from './catalogue-learning.ts';
import { CROSS_COLUMN, FRESHNESS, REFERENTIAL, STATISTICS } from './catalogue-tables.ts';
import { VALIDITY } from './catalogue-validity.ts';

export {
  type CatalogueEntry,
  CHECK_GROUPS,
  type CheckGroup,
  type KnownTool,
  toolName,
} from './catalogue-entry.ts';

const ROWS: Record<CheckGroup, Row[]> = {
  schema: SCHEMA,
  completeness: COMPLETENESS,
  uniqueness: UNIQUENESS,
  validity: VALIDITY,
  statistics: STATISTICS,
  'cross-column': CROSS_COLUMN,
  referential: REFERENTIAL,
  'freshness and volume': FRESHNESS,
  history: HISTORY,
  'machine learning': MACHINE_LEARNING,
  privacy: PRIVACY,
};

export const CATALOGUE: readonly CatalogueEntry[] = CHECK_GROUPS.flatMap((group) =>
  ROWS[group].map(([check, words, what, known]) => ({ group, check, words, what, known })),
);
