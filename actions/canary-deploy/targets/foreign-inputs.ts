import { UserError } from '../../../shared/errors.ts';
import { fieldMeta } from '../../../shared/runtime/fields.ts';
import { inputName } from '../../../shared/runtime/inputs.ts';
import { type Given, inputs } from '../inputs.ts';

type Key = keyof typeof inputs;
type TargetId = Given['target'];

const ALL: readonly TargetId[] = ['local', 'haproxy', 'sagemaker', 'kubernetes'];
/** Where the model servers are processes of this machine. */
const ON_THIS_MACHINE: readonly TargetId[] = ['local', 'haproxy'];

/** To which targets each input means something; a new one is asked for here. */
export const MEANS_SOMETHING_TO: Record<Key, readonly TargetId[]> = {
  operation: ALL,
  model: ALL,
  target: ALL,
  rollout: ALL,
  traffic: ALL,
  trafficRate: ALL,
  alias: ALL,
  verificationKey: ALL,
  overrideReason: ALL,
  scan: ALL,
  // Elsewhere the record of the version is asked, which knows what was let through.
  scanAllow: ON_THIS_MACHINE,
  maxWait: ALL,
  staleAfter: ALL,
  environment: ALL,
  record: ALL,
  servingDir: ON_THIS_MACHINE,
  port: ['local'],
  stickyHeader: ['local'],
  haproxySocket: ['haproxy'],
  haproxyBackend: ['haproxy'],
  haproxyAddress: ['haproxy'],
  kubernetesResource: ['kubernetes'],
  kubernetesNamespace: ['kubernetes'],
  kubernetesContext: ['kubernetes'],
  kubernetesAddress: ['kubernetes'],
  storageUri: ['kubernetes'],
  endpoint: ['sagemaker'],
  trafficShifting: ['sagemaker'],
  instanceType: ['sagemaker'],
  instanceCount: ['sagemaker'],
  executionRole: ['sagemaker'],
  alarms: ['sagemaker'],
};

/** @throws UserError for an input that this target would pass over in silence. */
export function refuseForeignInputs(given: Given): void {
  for (const [key, targets] of Object.entries(MEANS_SOMETHING_TO) as [Key, readonly TargetId[]][]) {
    if (targets.includes(given.target) || !isGiven(given, key)) continue;
    throw new UserError(`The input ${inputName(key)} means nothing to the target ${given.target}.`, {
      where: { key: inputName(key) },
      fix: `Leave it out, or give target: ${targets.join(' or ')}.`,
    });
  }
  if (isGiven(given, 'trafficRate') && given.traffic === undefined) {
    throw new UserError('The input traffic-rate means nothing without traffic.', {
      where: { key: 'traffic-rate' },
      fix: 'Leave it out, or give the requests to replay as traffic.',
    });
  }
}

/** Whether it has another value than when it is left out. */
function isGiven(given: Given, key: Key): boolean {
  const { default: usual } = fieldMeta(inputs[key]);
  const value = given[key];
  if (value === undefined) return false;
  return usual === '' || String(value) !== String(inputs[key].parse(usual));
}
