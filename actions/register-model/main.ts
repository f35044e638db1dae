/**
 * register-model makes the registry the source of truth: which model, made by which code from which data, judged
 * how, and which one is in use. Each operation has a file of its own; what a store is, `shared/registries/` knows.
 */
import { UserError } from '../../shared/errors.ts';
import { type ActionResult, type Deps, defineAction } from '../../shared/runtime/definition.ts';
import { approve } from './approve.ts';
import { copy } from './copy.ts';
import { type Given, inputs, operations } from './inputs.ts';
import { promote } from './promote.ts';
import { prune } from './prune.ts';
import { register } from './register.ts';
import { report } from './report.ts';
import { rollback } from './rollback.ts';
import { verify } from './verify.ts';

const OPERATIONS = { register, promote, rollback, approve, verify, copy, prune };

export const definition = defineAction({
  id: 'register-model',
  kind: 'ModelVersion',
  inputs,
  operations,
  outputs: ['uri', 'version', 'digest'],
  run,
  report,
});

/** Runs the operation that the inputs name. */
export function run(given: Given, deps: Deps): Promise<ActionResult> {
  for (const key of ['reason', 'overrideReason'] as const) refuseLongReason(given, key);
  return OPERATIONS[given.operation](given, deps);
}

/** A reason must fit into a field of every store, and that is known before anything is stored. */
const LONGEST_REASON = 2000;

function refuseLongReason(given: Given, key: 'reason' | 'overrideReason'): void {
  const { length } = given[key] ?? '';
  if (length <= LONGEST_REASON) return;
  const name = key === 'reason' ? 'reason' : 'override-reason';
  throw new UserError(`The input ${name} has ${length} characters; ${LONGEST_REASON} are kept at most.`, {
    where: { key: name },
    fix: 'Shorten it, and link to what is longer.',
  });
}
