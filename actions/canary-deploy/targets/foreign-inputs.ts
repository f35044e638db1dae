import { UserError } from '../../../shared/errors.ts';
import { fieldMeta } from '../../../shared/runtime/fields.ts';
import { inputName } from '../../../shared/runtime/inputs.ts';
import { type Given, inputs } from '../inputs.ts';

/** Inputs that mean something to one target alone. */
const OWN: Partial<Record<Given['target'], readonly (keyof Given & keyof typeof inputs)[]>> = {
  local: ['stickyHeader'],
  haproxy: ['haproxySocket', 'haproxyBackend', 'haproxyAddress'],
  kubernetes: [
    'kubernetesResource',
    'kubernetesNamespace',
    'kubernetesContext',
    'kubernetesAddress',
    'storageUri',
  ],
  sagemaker: ['endpoint', 'trafficShifting', 'instanceType', 'instanceCount', 'executionRole', 'alarms'],
};

/** @throws UserError for an input that another target has and this one would pass over in silence. */
export function refuseForeignInputs(given: Given): void {
  for (const [target, keys] of Object.entries(OWN)) {
    if (target === given.target) continue;
    for (const key of keys) {
      const value = given[key];
      if (value === undefined || String(value) === fieldMeta(inputs[key]).default) continue;
      throw new UserError(`The input ${inputName(key)} means nothing to the target ${given.target}.`, {
        where: { key: inputName(key) },
        fix: `Leave it out, or give target: ${target}.`,
      });
    }
  }
}
