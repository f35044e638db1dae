/**
 * register-model makes the registry the source of truth: which model, made by which code from which data, judged
 * how, and which one is in use. Each operation has a file of its own; what a store is, `shared/registries/` knows.
 */
import { UserError } from '../../shared/errors.ts';
import { refuseLongReason } from '../../shared/registries/reason-length.ts';
import { type ActionResult, type Deps, defineAction } from '../../shared/runtime/definition.ts';
import { type Given, inputs, operations } from './inputs.ts';
import { report } from './report.ts';

/** Each is loaded when it is asked for: the action starts, and refuses wrong inputs, without. */
const OPERATIONS: Record<
  Given['operation'],
  () => Promise<(given: Given, deps: Deps) => Promise<ActionResult>>
> = {
  register: async () => (await import('./register.ts')).register,
  promote: async () => (await import('./promote.ts')).promote,
  rollback: async () => (await import('./rollback.ts')).rollback,
  approve: async () => (await import('./approve.ts')).approve,
  verify: async () => (await import('./verify.ts')).verify,
  copy: async () => (await import('./copy.ts')).copy,
  prune: async () => (await import('./prune.ts')).prune,
  scan: async () => (await import('./scan.ts')).scan,
};

export const definition = defineAction({
  id: 'register-model',
  kind: 'ModelVersion',
  inputs,
  operations,
  outputs: ['uri', 'version', 'digest', 'sarif'],
  run,
  report,
});

/** Runs the operation that the inputs name. */
export async function run(given: Given, deps: Deps): Promise<ActionResult> {
  refuseLongReason('reason', given.reason);
  refuseLongReason('override-reason', given.overrideReason);
  refuseOddStage(given.stage);
  const operation = await OPERATIONS[given.operation]();
  return operation(given, deps);
}

/** A stage must mean the same in every store; SageMaker's rule is the narrowest. */
function refuseOddStage(stage: string | undefined): void {
  if (stage === undefined || /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/.test(stage)) return;
  throw new UserError(`${JSON.stringify(stage.slice(0, 80))} cannot be a stage.`, {
    where: { key: 'stage' },
    fix: 'Use letters, digits and hyphens between them, at most 63, e.g. staging.',
  });
}
