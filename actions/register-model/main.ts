/**
 * register-model makes the registry the source of truth: which model, made by which code from which data, judged
 * how, and which one is in use. Each operation has a file of its own; what a store is, `shared/registries/` knows.
 */
import { UserError } from '../../shared/errors.ts';
import { refuseLongReason } from '../../shared/registries/reason-length.ts';
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
  refuseLongReason('reason', given.reason);
  refuseLongReason('override-reason', given.overrideReason);
  refuseOddStage(given.stage);
  return OPERATIONS[given.operation](given, deps);
}

/** A stage must mean the same in every store; SageMaker's rule is the narrowest. */
function refuseOddStage(stage: string | undefined): void {
  if (stage === undefined || /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/.test(stage)) return;
  throw new UserError(`${JSON.stringify(stage.slice(0, 80))} cannot be a stage.`, {
    where: { key: 'stage' },
    fix: 'Use letters, digits and hyphens between them, at most 63, e.g. staging.',
  });
}
