/**
 * evaluate-gate: may this model replace the champion? Both are judged on the same rows, by the policy. An operation is
 * loaded when it runs, so that the action starts, and tells what is wrong with its inputs, without its mathematics.
 */
import { type ActionResult, type Deps, defineAction } from '../../shared/runtime/definition.ts';
import { inputs as fields, type Inputs, operations } from './inputs.ts';
import { report } from './report.ts';

export const definition = defineAction({
  id: 'evaluate-gate',
  kind: 'Evaluation',
  inputs: fields,
  operations,
  // Its check run would be of the gate's name, and could turn a failed one green.
  operationsOutsidePullRequest: ['calibrate'],
  outputs: [],
  run,
  report,
});

/** Runs the gate. @throws UserError for everything in inputs, policy or files that the user can mend. */
async function run(inputs: Inputs, deps: Deps): Promise<ActionResult> {
  if (inputs.operation === 'calibrate') {
    const { calibrate } = await import('./calibrate/calibrate.ts');
    return calibrate(inputs, deps);
  }
  const { evaluate } = await import('./evaluate.ts');
  return evaluate(inputs, deps);
}
