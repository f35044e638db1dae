import type * as z from 'zod';
import { fields } from '../../shared/runtime/fields.ts';
import type { commonInputs } from '../../shared/runtime/inputs.ts';

/** Inputs of canary-deploy, beside those that all actions share. */
export const inputs = {
  operation: fields.choice(['run', 'promote', 'abort', 'rollback', 'stop'], { default: 'run' }),
  model: fields.text({ optional: true }),
  target: fields.choice(['local'], { default: 'local' }),
  rollout: fields.text({ optional: true }),
  traffic: fields.text({ optional: true }),
  trafficRate: fields.number({ default: '50', min: 0.1, max: 5_000 }),
  alias: fields.text({ default: 'champion' }),
  port: fields.integer({ default: '8080', min: 1, max: 65_535 }),
  servingDir: fields.text({ default: 'mlops-serving' }),
  stickyHeader: fields.text({ optional: true }),
  verificationKey: fields.text({ optional: true }),
  overrideReason: fields.text({ optional: true }),
};

/** Which inputs mean something with which operation. */
export const operations = {
  run: [
    'model',
    'target',
    'rollout',
    'traffic',
    'trafficRate',
    'alias',
    'port',
    'servingDir',
    'stickyHeader',
    'verificationKey',
    'overrideReason',
  ],
  promote: ['target', 'servingDir'],
  abort: ['target', 'servingDir'],
  rollback: ['target', 'alias', 'servingDir'],
  stop: ['target', 'servingDir'],
} as const;

/** What `run` is given: these and the common inputs, parsed. */
export type Given = z.infer<z.ZodObject<ReturnType<typeof commonInputs> & typeof inputs>>;
