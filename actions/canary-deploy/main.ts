/**
 * canary-deploy: brings a registered model to users step by step, compares it with the champion in the same
 * minutes, and promotes it or takes it back. `engine/` decides and has no effects, `targets/` act, `router/` is
 * the process that splits the traffic of the local target, `operations/` join them. The work is loaded when it runs,
 * so that the action starts without.
 */
import { defineAction } from '../../shared/runtime/definition.ts';
import { inputs, operations } from './inputs.ts';
import { report } from './report.ts';

export const definition = defineAction({
  id: 'canary-deploy',
  kind: 'Deployment',
  inputs,
  operations,
  outputs: ['outcome', 'sarif'],
  async run(given, deps) {
    const { run } = await import('./perform.ts');
    return run(given, deps);
  },
  report,
});
