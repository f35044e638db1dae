/**
 * drift-check: is the data, or what the model makes of it, no longer what it was; and does that call for a retrain?
 * Its mathematics is loaded when it runs, so that the action starts, and tells what is wrong with its inputs, without.
 */
import { defineAction } from '../../shared/runtime/definition.ts';
import { inputs as fields } from './inputs.ts';
import { report } from './report.ts';

export const definition = defineAction({
  id: 'drift-check',
  kind: 'DriftCheck',
  inputs: fields,
  failOn: 'none',
  outputs: ['retrain', 'reason'],
  async run(inputs, deps) {
    const { checkDrift } = await import('./check-drift.ts');
    return checkDrift(inputs, deps);
  },
  report,
});
