import { UserError } from '../../../shared/errors.ts';
import { inputName } from '../../../shared/runtime/inputs.ts';
import { type Given, inputs, LAUNCH, LOCAL, SAGEMAKER, TRAINING } from '../inputs.ts';

type Name = keyof typeof inputs;

/**
 * What `operation: run` is asked for decides which inputs mean something.
 * @throws UserError for one that was given and would be ignored.
 */
export function refuseUnused(given: Given): void {
  if (given.runner === 'ec2') {
    const unused = [...TRAINING, ...LOCAL, ...SAGEMAKER];
    refuse(given, unused, 'runner: ec2 launches a machine, on which a job of its own trains');
    return;
  }
  refuse(given, ['runnerToken', ...LAUNCH], 'no machine is launched: runner is none');
  if (given.backend === 'local') refuse(given, SAGEMAKER, 'backend is local');
  else refuse(given, LOCAL, 'backend is sagemaker');
}

function refuse(given: Given, names: readonly Name[], why: string): void {
  const unused = names.find((name) => isGiven(given, name));
  if (unused === undefined) return;
  const key = inputName(unused);
  throw new UserError(`${key} has no meaning here: ${why}.`, { where: { key }, fix: `Leave ${key} out.` });
}

/** Whether it has another value than it has by itself. */
function isGiven(given: Given, name: Name): boolean {
  const own: unknown = inputs[name].parse(undefined);
  return JSON.stringify(given[name]) !== JSON.stringify(own);
}
