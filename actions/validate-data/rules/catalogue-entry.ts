/** What the catalogue says of a check. */
export const CHECK_GROUPS = [
  'schema',
  'completeness',
  'uniqueness',
  'validity',
  'statistics',
  'cross-column',
  'referential',
  'freshness and volume',
  'history',
  'machine learning',
  'privacy',
] as const;
export type CheckGroup = (typeof CHECK_GROUPS)[number];

const TOOLS = {
  gx: 'Great Expectations',
  pandera: 'pandera',
  soda: 'Soda',
  deequ: 'deequ',
  dbt: 'dbt',
  frictionless: 'Frictionless',
  deepchecks: 'deepchecks',
  tfdv: 'TFDV',
} as const;
export type KnownTool = keyof typeof TOOLS;
export const toolName = (tool: KnownTool): string => TOOLS[tool];

export interface CatalogueEntry {
  group: CheckGroup;
  /** Its key or rule in the contract; of cases in tests the first words. */
  check: string;
  /** As it stands in a contract. */
  words: string;
  what: string;
  known: Partial<Record<KnownTool, string>>;
}

/** Of one group. */
export type Row = [check: string, words: string, what: string, known: CatalogueEntry['known']];
