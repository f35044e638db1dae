import { fields } from '../../shared/runtime/fields.ts';

/** The inputs of action.yml beside the common ones. */
export const inputs = {
  command: fields.text({}),
  backend: fields.choice(['local'], { default: 'local' }),
  params: fields.text({ optional: true }),
  data: fields.list({ optional: true }),
  modelDir: fields.text({ default: 'model' }),
  metricsFile: fields.text({ optional: true }),
  requireGpu: fields.boolean({ default: 'false' }),
  timeout: fields.duration({ optional: true }),
  grace: fields.duration({ default: '10s' }),
  checkpointDir: fields.text({ optional: true }),
};
