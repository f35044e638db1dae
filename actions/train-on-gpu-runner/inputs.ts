import type * as z from 'zod';
import { fields } from '../../shared/runtime/fields.ts';
import type { commonInputs } from '../../shared/runtime/inputs.ts';

/** The inputs of action.yml beside the common ones. */
export const inputs = {
  operation: fields.choice(['run', 'submit', 'collect', 'cancel', 'reproduce', 'stop', 'reap'], {
    default: 'run',
  }),
  command: fields.text({ optional: true }),
  backend: fields.choice(['local', 'sagemaker'], { default: 'local' }),
  params: fields.text({ optional: true }),
  data: fields.list({ optional: true }),
  modelDir: fields.text({ default: 'model' }),
  metricsFile: fields.text({ optional: true }),
  metricDefinitions: fields.text({ optional: true }),
  seed: fields.integer({ optional: true, min: 0, max: 4_294_967_295 }),

  requireGpu: fields.boolean({ default: 'false' }),
  requires: fields.text({ optional: true }),
  /** Milliseconds. */
  expectedTime: fields.duration({ optional: true }),
  timeout: fields.duration({ optional: true }),
  grace: fields.duration({ default: '10s' }),
  stallTimeout: fields.duration({ optional: true }),
  earlyStop: fields.text({ optional: true }),

  checkpointDir: fields.text({ optional: true }),
  checkpointStore: fields.text({ optional: true }),
  checkpointUpload: fields.choice(['while-training', 'before-going-on'], { default: 'while-training' }),

  trackingUri: fields.text({ optional: true }),
  experiment: fields.text({ optional: true }),

  budgetUsd: fields.number({ optional: true, min: 0 }),
  prices: fields.text({ optional: true }),
  machine: fields.text({ optional: true }),

  record: fields.text({ optional: true }),
  job: fields.text({ optional: true }),
  instanceType: fields.text({ optional: true }),
  instanceCount: fields.integer({ default: '1', min: 1, max: 100 }),
  spot: fields.boolean({ default: 'false' }),
  /** Milliseconds. */
  maxWait: fields.duration({ optional: true }),
  keepAlive: fields.duration({ optional: true }),
  image: fields.text({ optional: true }),
  executionRole: fields.text({ optional: true }),
  sourceDir: fields.text({ default: '.' }),
  artifacts: fields.text({ optional: true }),
  volumeSize: fields.size({ default: '30GiB' }),

  runner: fields.choice(['none', 'ec2'], { default: 'none' }),
  instanceTypes: fields.list({ optional: true }),
  market: fields.choice(['spot', 'on-demand', 'spot-then-on-demand'], { default: 'spot-then-on-demand' }),
  machineImage: fields.text({ optional: true }),
  subnets: fields.list({ optional: true }),
  securityGroups: fields.list({ optional: true }),
  instanceProfile: fields.text({ optional: true }),
  runnerLabels: fields.list({ optional: true }),
  runnerGroup: fields.integer({ default: '1', min: 1 }),
  runnerToken: fields.text({ optional: true }),
  /** Milliseconds. */
  maxLifetime: fields.duration({ default: '6h' }),
  idleTimeout: fields.duration({ default: '15m' }),
  registrationTimeout: fields.duration({ default: '10m' }),
  /** Bytes. */
  machineVolumeSize: fields.size({ optional: true }),
};

/** Inputs of a machine that a job gets for itself: they mean nothing to a training. */
const RUNNER = ['runner', 'runnerToken'] as const;
export const LAUNCH = [
  'instanceTypes',
  'market',
  'machineImage',
  'subnets',
  'securityGroups',
  'instanceProfile',
  'runnerLabels',
  'runnerGroup',
  'maxLifetime',
  'idleTimeout',
  'registrationTimeout',
  'machineVolumeSize',
] as const;

/** Inputs that say what is trained, with what and into what. */
export const TRAINING = [
  'command',
  'backend',
  'params',
  'data',
  'modelDir',
  'metricsFile',
  'metricDefinitions',
  'seed',
  'expectedTime',
  'timeout',
  'stallTimeout',
  'earlyStop',
  'checkpointStore',
  'trackingUri',
  'experiment',
  'budgetUsd',
  'prices',
] as const;
export const LOCAL = [
  'requireGpu',
  'requires',
  'grace',
  'checkpointDir',
  'checkpointUpload',
  'machine',
] as const;
export const SAGEMAKER = [
  'instanceType',
  'instanceCount',
  'spot',
  'maxWait',
  'keepAlive',
  'image',
  'executionRole',
  'sourceDir',
  'artifacts',
  'volumeSize',
] as const;

/** Which inputs mean something with which operation. */
export const operations = {
  run: [...TRAINING, ...LOCAL, ...SAGEMAKER, ...RUNNER, ...LAUNCH],
  submit: [...TRAINING, ...SAGEMAKER],
  collect: ['backend', 'job', 'modelDir', 'metricsFile', 'maxWait', 'trackingUri'],
  cancel: ['backend', 'job', 'trackingUri'],
  reproduce: ['record'],
  stop: [...RUNNER],
  reap: [...RUNNER],
} as const;

/** What `run` is given: these and the common inputs, parsed. */
export type Given = z.infer<z.ZodObject<ReturnType<typeof commonInputs> & typeof inputs>>;
