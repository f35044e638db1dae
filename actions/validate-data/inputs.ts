import { EXAMPLE_MODES, type ExampleMode } from '../../shared/records/data-validation.ts';
import { fields, parseDuration } from '../../shared/runtime/fields.ts';

const SHORTEST_KEY = 16;

/** `5000` → rows, `7d` → a period in milliseconds. */
function parseChunk(text: string): { rows: number } | { milliseconds: number } {
  if (/^[1-9]\d*$/.test(text)) return { rows: Number(text) };
  const milliseconds = parseDuration(text);
  if (milliseconds < 1) throw new Error(`"${text}" is no time at all`);
  return { milliseconds };
}

/** A secret that can itself be tried out keeps nothing. */
function parseKey(text: string): string {
  if (text.length < SHORTEST_KEY) throw new Error(`it has at least ${SHORTEST_KEY} characters`);
  return text;
}

/** The inputs of action.yml beside the common ones. */
export const inputs = {
  operation: fields.choice(['validate', 'suggest-contract'], { default: 'validate' }),
  data: fields.list({}),
  contract: fields.text({ optional: true }),
  reference: fields.list({ optional: true }),
  history: fields.list({ optional: true }),
  chunk: fields.parsed({ optional: true }, parseChunk),
  timestamp: fields.text({ optional: true }),
  examples: fields.choice(EXAMPLE_MODES, { default: 'masked' }),
  examplesKey: fields.parsed({ optional: true }, parseKey),
  query: fields.text({ optional: true }),
  dialect: fields.text({ optional: true }),
  export: fields.keyValues({ optional: true }),
};

/** The inputs as `run` receives them. */
export interface Given {
  name: string;
  /** Validate where it is left out. */
  operation?: 'validate' | 'suggest-contract';
  data: string[];
  contract?: string;
  reference?: string[];
  /** Profiles of earlier runs: folders, globs, paths, registries with a name. */
  history?: string[];
  chunk?: { rows: number } | { milliseconds: number };
  timestamp?: string;
  /** Masked where it is left out. */
  examples?: ExampleMode;
  /** A secret by which masks cannot be tried out; without it the digest of the data keys them. */
  examplesKey?: string;
  query?: string;
  dialect?: string;
  /** Format → path. */
  export?: Record<string, string>;
  githubToken?: string;
}
