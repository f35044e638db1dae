import { UserError } from '../../errors.ts';

/** Where a statement stands between these, the whole is one statement or none. */
export const OPENING = 'SELECT * FROM (\n';
export const CLOSING = '\n) AS rows_of_query';

/**
 * A query as the user gives it, ready to stand in brackets. That it is one SELECT and changes nothing is left to the
 * database: in brackets no other statement can be, and what is after a semicolon is refused or never run.
 * @throws UserError for an empty one.
 */
export function queryText(given: string): string {
  const text = given.replace(/[\s;]+$/, '');
  if (text.trim() !== '') return text;
  throw new UserError('The query is empty.', {
    where: { key: 'inputs.query' },
    fix: 'Write one SELECT.',
  });
}

/** What to read: the table that the address names, or the query. @throws UserError for both, and for neither. */
export function wanted(
  table: string | undefined,
  query: string | undefined,
  form: string,
): { table: string } | { query: string } {
  if (table !== undefined && table !== '' && query !== undefined)
    throw new UserError('Both a table and a query are given.', {
      where: { key: 'inputs.query' },
      fix: 'Take the table out of the address, or leave the query out.',
    });
  if (query !== undefined) return { query: queryText(query) };
  if (table !== undefined && table !== '') return { table };
  throw new UserError('The address of the database names no table, and there is no query.', {
    fix: `Write ${form}, or give one SELECT as the query.`,
  });
}
