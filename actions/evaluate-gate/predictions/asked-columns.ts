/** What the policy says of columns against what the files have; and the task, where no policy says it. */
import type { Engine } from '../../../shared/data/engine.ts';
import { UserError } from '../../../shared/errors.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { emptyPolicy, type Rule, rulesOf } from '../policy/rules.ts';
import { JOINED, type Joined, type Sides } from './join-sides.ts';
import { hasRole, type Role } from './task-columns.ts';

/**
 * Without a policy: labels of 0 and 1 (or false and true) are of a binary task, other numbers of regression.
 * @throws UserError for labels that are names: of those a policy has to say the task.
 */
export async function guessTask(
  engine: Engine,
  joined: Joined,
): Promise<{ policy: GatePolicy; rules: Rule[] }> {
  const labels = "('0', '1', '-1', '0.0', '1.0', '-1.0', 'true', 'false')";
  const [row] = await engine.rows(
    `SELECT count(*) AS n, min(label) FILTER (TRY_CAST(label AS DOUBLE) IS NULL) AS name
     FROM (SELECT lower(${joined.truth.y_true}::VARCHAR) AS label FROM ${JOINED}) WHERE label NOT IN ${labels}`,
  );
  if (typeof row?.name === 'string') {
    throw new UserError(
      `The true labels are names, such as ${JSON.stringify(row.name)}, and no policy says the task.`,
      {
        where: { key: 'inputs.policy' },
        fix: 'Give a policy with task: multiclass, or with task: binary and positive_label.',
      },
    );
  }
  const policy = emptyPolicy(Number(row?.n) === 0 ? 'binary' : 'regression');
  return { policy, rules: rulesOf(policy, undefined, false) };
}

/**
 * A column that the policy names must be somewhere: weights or clusters that are silently left out change the verdict.
 * What predict-command writes has the contract's names, whatever the data's are called.
 */
export function requireNamedColumns(policy: GatePolicy, sides: Sides): void {
  const files = [
    sides.challenger[0]!,
    ...(sides.champion?.slice(0, 1) ?? []),
    ...(sides.data ? [sides.data] : []),
  ];
  for (const [role, name] of Object.entries(policy.columns)) {
    if (name === undefined) continue;
    if (files.some(({ columns }) => columns.includes(name) || hasRole(columns, policy, role as Role)))
      continue;
    throw new UserError(`The policy names ${JSON.stringify(name)} as ${role}, and no file has that column.`, {
      where: { key: `columns.${role}` },
      fix: `Columns there: ${[...new Set(files.flatMap(({ columns }) => columns))].slice(0, 30).join(', ')}.`,
    });
  }
}
