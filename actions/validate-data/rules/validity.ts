/** Rules about what a value may be: formats, sets, and the order of rows. */
import { quoteIdentifier, quoteText } from '../../../shared/data/sql-text.ts';
import { showValue } from '../examples.ts';
import { isWithin, limitOf, type RuleRun } from '../rule.ts';
import { type ColumnOfRule, ownColumn, ownRule, type RuleContext, ruleWords } from './rule-context.ts';

/** `dateFormat`: a text is a date or time in the words of strptime. */
export const dateFormat = ownRule('dateFormat', (given, context) => {
  const column = ownColumn(context);
  const limit = limitOf(given);
  const made = {
    words: ruleWords('dateFormat', given.pattern, limit),
    problem: `text is no date as ${given.pattern}`,
    limit,
  };
  if (column.type !== 'VARCHAR') {
    const observed = `the column is of type ${column.type}, which has no written form`;
    return { ...made, test: { kind: 'settled', verdict: 'not_judged', observed } };
  }
  const failing = `${column.sql} IS NOT NULL AND try_strptime(${column.sql}, ${quoteText(given.pattern)}) IS NULL`;
  return { ...made, test: { kind: 'rows', failing, shown: [column.name] } };
});

const JSON_TYPES: Record<string, readonly string[]> = {
  string: ['VARCHAR'],
  number: ['BIGINT', 'UBIGINT', 'DOUBLE'],
  integer: ['BIGINT', 'UBIGINT'],
  boolean: ['BOOLEAN'],
  object: ['OBJECT'],
  array: ['ARRAY'],
};

/** `json`: a text is JSON, and an object with these keys where it says so. */
export const json = ownRule('json', (given, context) => {
  const column = ownColumn(context);
  const limit = limitOf(given);
  const text = `${column.sql}::VARCHAR`;
  const path = (key: string): string => quoteText(`$."${key.replaceAll('"', '\\"')}"`);
  const parts = [
    ...(given.required ?? []).map((key) => `NOT json_exists(${text}, ${path(key)})`),
    ...Object.entries(given.properties ?? {}).map(([key, type]) => {
      const types = JSON_TYPES[type]!.map(quoteText).join(', ');
      return `(json_exists(${text}, ${path(key)}) AND json_type(${text}, ${path(key)}) NOT IN (${types}))`;
    }),
  ];
  const isObject = parts.length > 0 ? [`json_type(${text}) <> 'OBJECT'`] : [];
  const inside = [...isObject, ...parts].join(' OR ') || 'false';
  const failing = `${column.sql} IS NOT NULL AND CASE WHEN json_valid(${text}) THEN ${inside} ELSE true END`;
  const about = [
    given.required && `required ${given.required.join(', ')}`,
    given.properties &&
      Object.entries(given.properties)
        .map(([key, type]) => `${key}: ${type}`)
        .join(', '),
  ];
  return {
    words: ruleWords('json', about.filter(Boolean).join('; '), limit),
    problem: parts.length > 0 ? 'text is no JSON of this shape' : 'text is no JSON',
    limit,
    test: { kind: 'rows', failing, shown: [column.name] },
  };
});

/** The distinct values with their counts, most frequent first: from the sketch where it lists all of them. */
async function valueCounts(
  column: ColumnOfRule,
  run: RuleRun,
  limit: string,
): Promise<{ value: string; count: number }[]> {
  const listed = column.sketch?.top;
  if (listed && listed.otherCount === 0) return listed.values;
  const rows = await run.engine.rows(`SELECT ${column.sql}::VARCHAR AS value, count(*) AS n
    FROM ${quoteIdentifier(run.table)} WHERE ${column.sql} IS NOT NULL GROUP BY ${column.sql} ${limit}`);
  return rows.map((row) => ({ value: String(row.value), count: Number(row.n) }));
}

/** Values as they are compared: numbers by what they are worth, everything else as text. */
function comparable(column: ColumnOfRule): (value: unknown) => string {
  return (value) => (column.kind === 'numeric' ? String(Number(value)) : String(value));
}

/** `mostCommonValue`: the value that most rows have is one of these; of several equally common ones each. */
export const mostCommonValue = ownRule('mostCommonValue', (given, context) => {
  const column = ownColumn(context);
  const word = comparable(column);
  const allowed = new Set(given.values.map(word));
  return {
    words: ruleWords('mostCommonValue', `one of ${given.values.join(', ')}`),
    problem: 'is the most common value',
    test: {
      kind: 'measured',
      async measure(run) {
        const counts = await valueCounts(
          column,
          run,
          'QUALIFY rank() OVER (ORDER BY count(*) DESC) = 1 ORDER BY 1 LIMIT 100',
        );
        const most = Math.max(0, ...counts.map(({ count }) => count));
        const common = counts.filter(({ count }) => count === most).map(({ value }) => value);
        const kept = common.length > 0 && common.every((value) => allowed.has(word(value)));
        const shown = common.slice(0, 5).map((value) => run.examples.show(column.name, value));
        const observed = common.length === 0 ? 'no value' : `${shown.join(', ')}, ${most} times`;
        return { failing: null, observed, verdict: kept ? 'pass' : 'broken', examples: [] };
      },
    },
  };
});

/** `valueSet`: the distinct values against a set. */
export const valueSet = ownRule('valueSet', (given, context) => {
  const column = ownColumn(context);
  const word = comparable(column);
  const wanted = new Map(given.values.map((value) => [word(value), String(value)]));
  return {
    words: ruleWords(
      'valueSet',
      `${given.set} of ${given.values.slice(0, 5).join(', ')}${given.values.length > 5 ? ` and ${given.values.length - 5} more` : ''}`,
    ),
    problem: 'the values are others',
    test: {
      kind: 'measured',
      async measure(run) {
        const limit = `ORDER BY n DESC, ${column.sql} LIMIT ${Math.max(1000, 2 * wanted.size)}`;
        const found = (await valueCounts(column, run, limit)).map(({ value }) => value);
        const present = new Set(found.map(word));
        const extra = found.filter((value) => !wanted.has(word(value)));
        const candidates = [...wanted.keys()].filter((value) => !present.has(value));
        const missing = present.size < 1000 ? candidates : await absentOf(candidates, column, run);
        const wrong: string[] = [];
        const some = (values: string[]): string =>
          `${values.slice(0, 5).join(', ')}${values.length > 5 ? ` and ${values.length - 5} more` : ''}`;
        if (given.set !== 'superset' && extra.length > 0)
          wrong.push(`not in the set: ${some(extra.map((value) => run.examples.show(column.name, value)))}`);
        if (given.set !== 'subset' && missing.length > 0)
          wrong.push(`never in the data: ${some(missing.map((value) => showValue(wanted.get(value))))}`);
        const observed = wrong.join('; ') || null;
        return { failing: null, observed, verdict: wrong.length > 0 ? 'broken' : 'pass', examples: [] };
      },
    },
  };
});

/** Which of some values no row has. */
async function absentOf(values: string[], column: ColumnOfRule, run: RuleRun): Promise<string[]> {
  if (values.length === 0) return [];
  const compared = column.kind === 'numeric' ? `${column.sql}::DOUBLE` : `${column.sql}::VARCHAR`;
  const list = values.map((value) => (column.kind === 'numeric' ? value : quoteText(value))).join(', ');
  const rows = await run.engine.rows(
    `SELECT DISTINCT ${compared} AS value FROM ${quoteIdentifier(run.table)} WHERE ${compared} IN (${list})`,
  );
  const found = new Set(rows.map((row) => comparable(column)(row.value)));
  return values.filter((value) => !found.has(value));
}

interface OrderParameters {
  strictly?: boolean;
  groupBy?: readonly string[];
}

/** Rows that do not go on in the direction of the row before, in the order of the files; nulls are passed over. */
function order(name: 'increasing' | 'decreasing', given: OrderParameters, context: RuleContext) {
  const column = ownColumn(context);
  const groups = (given.groupBy ?? []).map((group, index) => context.find(group, 'groupBy', index));
  const limit = limitOf(given as Parameters<typeof limitOf>[0]);
  const against = name === 'increasing' ? '<' : '>';
  const comparison = given.strictly ? `${against}=` : against;
  const value = column.number ?? column.typed;
  const partition = groups.length > 0 ? `PARTITION BY ${groups.map((group) => group.sql).join(', ')} ` : '';
  const about = [
    given.strictly ? 'strictly' : '',
    groups.length > 0 ? `by ${given.groupBy!.join(', ')}` : '',
  ];
  return {
    words: ruleWords(name, about.filter(Boolean).join(' '), limit),
    problem: `value is not ${name}`,
    limit,
    columns: [column.name, ...groups.map((group) => group.name)],
    test: {
      kind: 'measured' as const,
      async measure(run: RuleRun, allowed: NonNullable<typeof limit>) {
        const shown = [...new Set([...run.examples.keys, column.name])];
        const values = shown.map((name, index) => `${quoteIdentifier(name)}::VARCHAR AS v${index}`);
        const ranked = `SELECT position, ${value} AS value,
            lag(${value}) OVER (${partition}ORDER BY position) AS before, ${values.join(', ')}
          FROM (SELECT *, row_number() OVER () AS position FROM ${quoteIdentifier(run.table)})
          WHERE ${value} IS NOT NULL`;
        const [row] = await run.engine.rows(
          `SELECT count(*) AS n FROM (${ranked}) WHERE value ${comparison} before`,
        );
        const failing = Number(row?.n);
        const isBroken = !isWithin(allowed, failing, run.rowCount);
        const rows =
          isBroken && failing > 0 && run.examples.mode !== 'none'
            ? await run.engine.rows(
                `SELECT * FROM (${ranked}) WHERE value ${comparison} before ORDER BY position LIMIT 5`,
              )
            : [];
        const examples = rows.map((found) => {
          const parts = shown.map(
            (name, index) => `${name} = ${run.examples.show(name, found[`v${index}`])}`,
          );
          return `row ${found.position}: ${parts.join(', ')}`;
        });
        return {
          failing,
          observed: null,
          verdict: isBroken ? ('broken' as const) : ('pass' as const),
          examples,
        };
      },
    },
  };
}

/** `increasing`: no value below the one before. */
export const increasing = ownRule('increasing', (given, context) => order('increasing', given, context));

/** `decreasing`: no value above the one before. */
export const decreasing = ownRule('decreasing', (given, context) => order('decreasing', given, context));
