/** Which columns of a file a task reads: by role, or one per class, label or score. */
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';

export type Role =
  | 'id'
  | 'timestamp'
  | 'y_true'
  | 'y_pred'
  | 'y_score'
  | 'sample_weight'
  | 'cluster'
  | 'group'
  | 'seed';

/** The others have no name of their own in a file: only the policy gives them one. */
const NAMED_BY_CONTRACT: readonly Role[] = ['id', 'y_true', 'y_pred', 'y_score'];
const ROLES: readonly Role[] = [
  ...NAMED_BY_CONTRACT,
  'timestamp',
  'sample_weight',
  'cluster',
  'group',
  'seed',
];

/** Names that a role may have in a file, the policy's before the contract's. */
const namesOf = (role: Role, policy: GatePolicy): string[] =>
  [policy.columns[role], NAMED_BY_CONTRACT.includes(role) ? role : undefined].filter(
    (name) => name !== undefined,
  );

/** Which of a file's columns plays which role. */
export function rolesOf(columns: readonly string[], policy: GatePolicy): Partial<Record<Role, string>> {
  const roles: Partial<Record<Role, string>> = {};
  for (const role of ROLES) {
    const found = namesOf(role, policy).find((name) => columns.includes(name));
    if (found !== undefined) roles[role] = found;
  }
  return roles;
}

/** By what a task calls it (`y_pred`, `y_score_cat`, `helpfulness`) the column in the file. */
export type TaskColumns = Record<string, string>;

/** What a file says of a model's predictions. */
export function predictedColumns(columns: readonly string[], policy: GatePolicy): TaskColumns {
  const plain = (...roles: Role[]): TaskColumns => pickRoles(columns, policy, roles);
  switch (policy.task) {
    case 'binary':
    case 'ranking':
      return plain('y_pred', 'y_score');
    case 'regression':
    case 'forecasting':
      return plain('y_pred');
    case 'multiclass':
      return { ...plain('y_pred'), ...perLabel(columns, policy, 'y_score') };
    case 'multilabel':
      return { ...perLabel(columns, policy, 'y_pred'), ...perLabel(columns, policy, 'y_score') };
    case 'scores':
      return Object.fromEntries(
        scoreNames(policy).flatMap((name) => (columns.includes(name) ? [[name, name]] : [])),
      );
  }
}

/** What a file says of the truth; scores were judged already and need none. */
export function trueColumns(columns: readonly string[], policy: GatePolicy): TaskColumns {
  if (policy.task === 'scores') return {};
  if (policy.task === 'multilabel') return perLabel(columns, policy, 'y_true');
  return pickRoles(columns, policy, ['y_true']);
}

/** Of task scores: every metric that the policy names is a column. */
const scoreNames = (policy: GatePolicy): string[] => [
  ...new Set([...policy.metrics.map(({ name }) => name), ...policy.slices.flatMap(({ metrics }) => metrics)]),
];

/** Whether a file has a column of this role, or one per label of it. */
export function hasRole(columns: readonly string[], policy: GatePolicy, role: Role): boolean {
  const isPerLabel = policy.task === 'multilabel' || (policy.task === 'multiclass' && role === 'y_score');
  return (
    rolesOf(columns, policy)[role] !== undefined ||
    (isPerLabel && Object.keys(perLabel(columns, policy, role)).length > 0)
  );
}

function pickRoles(columns: readonly string[], policy: GatePolicy, roles: readonly Role[]): TaskColumns {
  const found = rolesOf(columns, policy);
  return Object.fromEntries(
    roles.flatMap((role) => (found[role] === undefined ? [] : [[role, found[role]]])),
  );
}

/** Columns `<role>_<label>`, such as `y_score_cat`, or `proba_cat` where the policy calls y_score proba. */
function perLabel(columns: readonly string[], policy: GatePolicy, role: Role): TaskColumns {
  for (const name of namesOf(role, policy)) {
    const found = columns.filter(
      (column) => column.startsWith(`${name}_`) && column.length > name.length + 1,
    );
    if (found.length > 0) {
      return Object.fromEntries(found.map((column) => [`${role}_${column.slice(name.length + 1)}`, column]));
    }
  }
  return {};
}

/** The labels of keys such as `y_score_cat` that begin with a role. */
export const labelsOf = (keys: readonly string[], role: Role): string[] =>
  keys.filter((key) => key.startsWith(`${role}_`)).map((key) => key.slice(role.length + 1));
