/**
 * validate-data: holds data to a contract and sketches them. The work is loaded when it runs, so that the action
 * starts, and tells what is wrong with its inputs, without.
 */
import { defineAction } from '../../shared/runtime/definition.ts';
import { inputs } from './inputs.ts';
import { report } from './report.ts';

export const definition = defineAction({
  id: 'validate-data',
  kind: 'DataValidation',
  inputs,
  outputs: [],
  async run(given, deps) {
    const { run } = await import('./validate.ts');
    return run(given, deps);
  },
  report,
});
