/** What many rules ask, asked in one pass over the data. */
import { quoteIdentifier } from '../../shared/data/engine.ts';
import { UserError } from '../../shared/errors.ts';
import type { Rule, RuleRun } from './rule.ts';

/**
 * Asks what rules about single rows and about repeated rows need, whatever a profile of the data says: while one is made.
 * @returns for `RuleRun.answered`. What cannot be answered is left to the run, which says why.
 */
export async function askAhead(
  rules: readonly Rule[],
  { engine, table }: Pick<RuleRun, 'engine' | 'table'>,
): Promise<NonNullable<RuleRun['answered']>> {
  const aggregates = rules.flatMap((rule) => (rule.test.kind === 'rows' ? (aggregateOf(rule) ?? []) : []));
  const repeats = rules.flatMap(({ test }) =>
    test.kind === 'duplicates' && test.columns.length > 1 ? duplicatesQuery(test, table) : [],
  );
  const answered = new Map<string, number | null>();
  const ask = async (questions: readonly string[], statement: string): Promise<void> => {
    const [row] = await engine.rows(statement).catch(() => []);
    if (row)
      for (const [index, value] of Object.values(row).entries())
        answered.set(questions[index]!, numberOf(value));
  };
  if (aggregates.length > 0) await ask(aggregates, passQuery(aggregates, table));
  for (const statement of repeats) await ask([statement], statement);
  return answered;
}

const passQuery = (aggregates: readonly string[], table: string): string => {
  const named = aggregates.map((aggregate, index) => `${aggregate} AS a${index}`);
  return `SELECT ${named.join(',\n')} FROM ${quoteIdentifier(table)} AS mine`;
};

/** The aggregate that answers a rule in the shared pass; undefined for rules that need a pass of their own, or none. */
function aggregateOf(rule: Rule): string | undefined {
  const { test } = rule;
  if (test.kind === 'rows') return `count_if(${test.failing})`;
  if (test.kind === 'freshness') return `epoch_ms(${test.newest})`;
  return test.kind === 'number' && typeof test.value === 'string' ? `(${test.value})::DOUBLE` : undefined;
}

/** @returns the answers to rules that one aggregate answers. */
export async function shareOnePass(rules: readonly Rule[], run: RuleRun): Promise<Map<Rule, number | null>> {
  const asked = rules.flatMap((rule) => {
    const aggregate = aggregateOf(rule);
    return aggregate === undefined ? [] : [{ rule, aggregate }];
  });
  const open = asked.filter(({ aggregate }) => !run.answered?.has(aggregate));
  const found = new Map(run.answered);
  if (open.length > 0) {
    const [row] = await run.engine
      .rows(
        passQuery(
          open.map(({ aggregate }) => aggregate),
          run.table,
        ),
      )
      .catch((error) => explain(open, run, error));
    for (const [index, { aggregate }] of open.entries()) found.set(aggregate, numberOf(row?.[`a${index}`]));
  }
  return new Map(asked.map(({ rule, aggregate }) => [rule, found.get(aggregate) ?? null]));
}

/** One pass for all says that something is wrong; one for each says which. */
async function explain(
  asked: readonly { rule: Rule; aggregate: string }[],
  run: RuleRun,
  error: unknown,
): Promise<never> {
  for (const { rule, aggregate } of asked) {
    try {
      await run.engine.rows(passQuery([aggregate], run.table));
    } catch (cause) {
      throw contractError(rule, run, cause);
    }
  }
  throw error;
}

const numberOf = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value);

export function duplicatesQuery(
  { columns, countNulls }: { columns: readonly string[]; countNulls: boolean },
  table: string,
): string {
  const names = columns.map(quoteIdentifier);
  const where = countNulls ? '' : ` WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')}`;
  return `SELECT count(*) - count(DISTINCT hash(${names.join(', ')})) AS n FROM ${quoteIdentifier(table)}${where}`;
}

/** In the words of the contract's author, where its SQL, pattern or date cannot be used. */
export function contractError(rule: Rule, run: RuleRun, cause: unknown): unknown {
  if (cause instanceof UserError || !(cause instanceof Error) || cause.name === 'AbortError') return cause;
  const sentence = cause.message.split('\n')[0]!.replace(/^[\w ]+Error: /, '');
  return new UserError(`The rule "${rule.words}" cannot be run: ${sentence}`, {
    where: rule.path ? run.locate(rule.path) : {},
    fix: 'Correct the rule; its SQL is that of DuckDB, its patterns those of RE2.',
    cause,
  });
}
