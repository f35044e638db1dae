/** Results of promptfoo: whether each test passed, its score, its named scores, how long it took and what it cost. */
import { UserError } from '../../../../shared/errors.ts';
import type { Direction } from '../../../../shared/metrics/catalogue.ts';
import { sha256 } from '../../../../shared/records/canonical-json.ts';
import {
  asObject,
  type Case,
  documentOf,
  type MetricsFile,
  type MetricsFormat,
  type Reading,
} from '../metrics-format.ts';
import { numberOfCases } from '../number-of-cases.ts';

const DIRECTIONS: Record<string, Direction> = {
  pass_rate: 'higher',
  score: 'higher',
  latency_ms: 'lower',
  cost: 'lower',
};

/** promptfoo's own word for a test that could not be judged: the provider or an assertion failed. */
const ENDED_IN_ERROR = 2;

export const promptfooResults: MetricsFormat = {
  name: 'promptfoo results',
  recognises(file) {
    const results = asObject(documentOf(file)?.results);
    return typeof results?.version === 'number' && Array.isArray(results.results);
  },
  read,
};

function read(file: MetricsFile): Reading {
  const { path } = file;
  const results = asObject(documentOf(file)?.results)!;
  if (results.version !== 3) {
    throw new UserError(
      `${path} holds promptfoo results of version ${results.version}; readable is version 3.`,
      {
        where: { file: path, key: 'results.version' },
        fix: 'Evaluate with a current promptfoo.',
      },
    );
  }
  const tests = (results.results as unknown[]).map((test) => asObject(test) ?? {});
  requireOnePrompt(tests, file);
  const scores = new Map<string, Map<string, Case>>();
  const seen = new Map<string, number>();
  for (const test of tests) {
    const { id, cluster, asked } = identify(test, seen);
    for (const [key, score] of scoresOf(test)) {
      const cases = scores.get(key) ?? new Map<string, Case>();
      scores.set(key, cases.set(id, { score, cluster, asked }));
    }
  }
  const numbers = new Map(
    [...scores].map(([key, cases]) => {
      const direction = Object.hasOwn(DIRECTIONS, key) ? DIRECTIONS[key] : undefined;
      return [key, { ...numberOfCases(cases), ...(direction && { direction }) }];
    }),
  );
  const errors = tests.filter((test) => test.failureReason === ENDED_IN_ERROR).length;
  const notes =
    errors === 0 ? [] : [`${path}: ${errors} of ${tests.length} tests ended in an error and count as failed`];
  return { numbers, notes };
}

/** One side is one model: of several prompts or providers in a file nobody can say which one is meant. */
function requireOnePrompt(tests: readonly Record<string, unknown>[], { path }: MetricsFile): void {
  const columns = new Map(
    tests.map((test) => {
      const provider = asObject(test.provider);
      return [
        String(test.promptIdx),
        `${provider?.label || provider?.id} with ${JSON.stringify(labelOf(test))}`,
      ];
    }),
  );
  if (columns.size < 2) return;
  throw new UserError(
    `${path} holds ${columns.size} combinations of provider and prompt: ${[...columns.values()].join('; ')}.`,
    {
      where: { file: path, key: 'results.prompts' },
      fix: 'Write one file each, with promptfoo eval --filter-providers and --filter-prompts.',
    },
  );
}

function labelOf(test: Record<string, unknown>): string {
  const label = String(asObject(test.prompt)?.label ?? '');
  return label.length > 60 ? `${label.slice(0, 60)}…` : label;
}

/** A test is known by its variables, so that the order of tests means nothing; without any, by its number. */
function identify(
  test: Record<string, unknown>,
  seen: Map<string, number>,
): { id: string } & Omit<Case, 'score'> {
  const vars = asObject(test.vars) ?? {};
  const cluster = Object.keys(vars).length > 0 ? sha256(sortedJson(vars)) : `test ${test.testIdx}`;
  const repetition = seen.get(cluster) ?? 0;
  seen.set(cluster, repetition + 1);
  const assertions = asObject(test.testCase)?.assert ?? null;
  return { id: `${cluster} ${repetition}`, cluster, asked: sha256(sortedJson(assertions)) };
}

/** JSON in which the order of keys means nothing. */
const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => {
    const object = asObject(inner);
    return object ? Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)) : inner;
  });

function scoresOf(test: Record<string, unknown>): [string, number][] {
  const named = Object.entries(asObject(test.namedScores) ?? {}).filter(
    ([key]) => !Object.hasOwn(DIRECTIONS, key),
  );
  const all: [string, unknown][] = [
    ['pass_rate', typeof test.success === 'boolean' ? Number(test.success) : undefined],
    ['score', test.score],
    ['latency_ms', test.latencyMs],
    ['cost', test.cost],
    ...named,
  ];
  return all.flatMap(([key, value]) => (typeof value === 'number' ? [[key, value]] : []));
}
