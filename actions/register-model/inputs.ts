import { fields } from '../../shared/runtime/fields.ts';

export const OPERATIONS = ['register', 'promote', 'rollback'] as const;

/** The inputs of action.yml beside the common ones. */
export const inputs = {
  operation: fields.choice(OPERATIONS, { default: 'register' }),
  model: fields.text({}),
  registry: fields.text({ default: 'oci-layout:mlops-registry' }),
  aliases: fields.list({ optional: true }),
  tags: fields.keyValues({ optional: true }),
  code: fields.text({ optional: true }),
  requirements: fields.text({ optional: true }),
  predictCommand: fields.text({ optional: true }),
  serveCommand: fields.text({ optional: true }),
  overrideReason: fields.text({ optional: true }),
  reason: fields.text({ optional: true }),
};

/** Which inputs mean something to which operation; any other is an error. */
export const operations = {
  register: [
    'model',
    'registry',
    'aliases',
    'tags',
    'code',
    'requirements',
    'predictCommand',
    'serveCommand',
    'overrideReason',
  ],
  promote: ['model', 'registry', 'aliases', 'overrideReason', 'reason'],
  rollback: ['model', 'registry', 'aliases', 'reason'],
} as const;

/** The inputs as the operations receive them. */
export interface Given {
  operation: (typeof OPERATIONS)[number];
  name: string;
  records: string;
  model: string;
  registry: string;
  aliases?: string[];
  tags?: Record<string, string>;
  code?: string;
  requirements?: string;
  predictCommand?: string;
  serveCommand?: string;
  overrideReason?: string;
  reason?: string;
  githubToken?: string;
}
