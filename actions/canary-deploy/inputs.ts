import type * as z from 'zod';
import { SCAN_MODES } from '../../shared/records/model-scan.ts';
import { fields } from '../../shared/runtime/fields.ts';
import type { commonInputs } from '../../shared/runtime/inputs.ts';

/** Inputs of canary-deploy, beside those that all actions share. */
export const inputs = {
  operation: fields.choice(
    ['run', 'continue', 'promote', 'abort', 'rollback', 'reconcile', 'replay', 'stop'],
    { default: 'run' },
  ),
  model: fields.text({ optional: true }),
  target: fields.choice(['local', 'haproxy', 'sagemaker', 'kubernetes'], { default: 'local' }),
  haproxySocket: fields.text({ optional: true }),
  haproxyBackend: fields.text({ optional: true }),
  haproxyAddress: fields.text({ optional: true }),
  kubernetesResource: fields.text({ optional: true }),
  kubernetesNamespace: fields.text({ optional: true }),
  kubernetesContext: fields.text({ optional: true }),
  kubernetesAddress: fields.text({ optional: true }),
  storageUri: fields.text({ optional: true }),
  endpoint: fields.text({ optional: true }),
  trafficShifting: fields.choice(['client', 'service', 'rolling'], { default: 'client' }),
  instanceType: fields.text({ optional: true }),
  instanceCount: fields.integer({ optional: true, min: 1, max: 1000 }),
  executionRole: fields.text({ optional: true }),
  alarms: fields.text({ optional: true }),
  rollout: fields.text({ optional: true }),
  traffic: fields.text({ optional: true }),
  trafficRate: fields.number({ default: '50', min: 0.1, max: 5_000 }),
  alias: fields.text({ default: 'champion' }),
  port: fields.integer({ default: '8080', min: 1, max: 65_535 }),
  servingDir: fields.text({ default: 'mlops-serving' }),
  stickyHeader: fields.text({ optional: true }),
  verificationKey: fields.text({ optional: true }),
  overrideReason: fields.text({ optional: true }),
  scan: fields.choice(SCAN_MODES, { default: 'fail' }),
  scanAllow: fields.text({ optional: true }),
  /** Milliseconds. A hosted job ends at 6 hours, whatever it is doing. */
  maxWait: fields.duration({ default: '330m' }),
  /** Milliseconds. */
  staleAfter: fields.duration({ default: '15m' }),
  environment: fields.text({ optional: true }),
  record: fields.text({ optional: true }),
};

/** Inputs that say where the model serves: they mean the same to all operations that look there. */
const WHERE = [
  'target',
  'endpoint',
  'servingDir',
  'kubernetesResource',
  'kubernetesNamespace',
  'kubernetesContext',
  'kubernetesAddress',
  'haproxySocket',
  'haproxyBackend',
  'haproxyAddress',
] as const;

/** Which inputs mean something with which operation. */
export const operations = {
  run: [
    'model',
    'storageUri',
    ...WHERE,
    'trafficShifting',
    'instanceType',
    'instanceCount',
    'executionRole',
    'alarms',
    'rollout',
    'traffic',
    'trafficRate',
    'alias',
    'port',
    'stickyHeader',
    'verificationKey',
    'overrideReason',
    'scan',
    'scanAllow',
    'maxWait',
    'staleAfter',
    'environment',
  ],
  continue: [...WHERE, 'staleAfter', 'environment'],
  promote: [...WHERE, 'environment'],
  abort: [...WHERE, 'environment'],
  rollback: [...WHERE, 'alias', 'storageUri', 'environment'],
  reconcile: [...WHERE, 'staleAfter', 'environment'],
  replay: ['record'],
  stop: [...WHERE, 'environment'],
} as const;

/** What `run` is given: these and the common inputs, parsed. */
export type Given = z.infer<z.ZodObject<ReturnType<typeof commonInputs> & typeof inputs>>;
