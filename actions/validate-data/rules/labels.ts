/** Rules about the label of a training set. */
import { quoteIdentifier } from '../../../shared/data/sql-text.ts';
import { isWithin, limitOf } from '../rule.ts';
import { ownRule, ruleWords } from './rule-context.ts';

/** `classBalance`: the rarest class has at least so large a share of the labelled rows. */
export const classBalance = ownRule('classBalance', (given, context) => {
  const label = context.find(given.label, 'label');
  return {
    words: ruleWords('classBalance', `of ${label.name}, minShare ${given.minShare}`),
    problem: 'is the rarest class',
    columns: [label.name],
    test: {
      kind: 'measured',
      async measure(run) {
        const [row] =
          await run.engine.rows(`SELECT min_by(v, (n, v)) AS class, min(n) AS n, sum(n) AS total, count(*) AS classes
          FROM (SELECT ${label.sql}::VARCHAR AS v, count(*) AS n FROM ${quoteIdentifier(run.table)}
            WHERE ${label.sql} IS NOT NULL GROUP BY ${label.sql})`);
        const classes = Number(row?.classes ?? 0);
        if (classes < 2) {
          const observed = classes === 0 ? 'there is no label' : 'there is one class only';
          return { failing: null, observed, verdict: 'broken', examples: [] };
        }
        const share = Number(row?.n) / Number(row?.total);
        const observed = `${run.examples.show(label.name, row?.class)}: ${row?.n} of ${row?.total} rows, a share of ${Number(share.toPrecision(6))}`;
        return {
          failing: null,
          observed,
          verdict: share >= given.minShare ? 'pass' : 'broken',
          examples: [],
        };
      },
    },
  };
});

/** `conflictingLabels`: rows whose features equal those of a row with another label. */
export const conflictingLabels = ownRule('conflictingLabels', (given, context) => {
  const limit = limitOf(given);
  const label = context.find(given.label, 'label');
  const features = given.features
    ? given.features.map((name, index) => context.find(name, 'features', index))
    : context.columns.filter((column) => column.name !== label.name);
  if (features.length === 0)
    throw context.fail('There is no feature beside the label', 'Give features: […].');
  const by = features.map(({ sql }) => sql).join(', ');
  return {
    words: ruleWords(
      'conflictingLabels',
      `of ${label.name}${given.features ? ` by ${given.features.join(', ')}` : ''}`,
      limit,
    ),
    problem: 'equal features have another label elsewhere',
    limit,
    columns: [label.name, ...(given.features ? features.map(({ name }) => name) : [])],
    test: {
      kind: 'measured',
      async measure(run, allowed) {
        const from = quoteIdentifier(run.table);
        const groups = `SELECT ${by}, count(*) AS n, min(${label.sql}::VARCHAR) AS a, max(${label.sql}::VARCHAR) AS b
          FROM ${from} WHERE ${label.sql} IS NOT NULL GROUP BY ${by} HAVING a <> b`;
        const [row] = await run.engine.rows(`SELECT COALESCE(sum(n), 0) AS n FROM (${groups})`);
        const failing = Number(row?.n);
        const isBroken = !isWithin(allowed, failing, run.rowCount);
        const shown = features.slice(0, 4);
        const rows =
          isBroken && failing > 0 && run.examples.mode !== 'none'
            ? await run.engine.rows(`SELECT ${shown.map(({ sql }, index) => `${sql}::VARCHAR AS v${index}`).join(', ')}, n, a, b
                FROM (${groups}) ORDER BY n DESC, ${by} LIMIT 5`)
            : [];
        const examples = rows.map((found) => {
          const values = shown.map(
            ({ name }, index) => `${name} = ${run.examples.show(name, found[`v${index}`])}`,
          );
          const labels = [found.a, found.b].map((value) => run.examples.show(label.name, value));
          return `${values.join(', ')}: ${label.name} = ${labels.join(' and ')} in ${found.n} rows`;
        });
        return { failing, observed: null, verdict: isBroken ? 'broken' : 'pass', examples };
      },
    },
  };
});
