import { SCAN_MODES } from '../../shared/records/model-scan.ts';
import { VERSION_OPERATIONS } from '../../shared/records/model-version.ts';
import { APPROVALS, type Approval } from '../../shared/registries/registry-interface.ts';
import { fields } from '../../shared/runtime/fields.ts';

/** The inputs of action.yml beside the common ones. */
export const inputs = {
  operation: fields.choice(VERSION_OPERATIONS, { default: 'register' }),
  model: fields.text({ optional: true }),
  registry: fields.text({ default: 'oci-layout:mlops-registry' }),
  aliases: fields.list({ optional: true }),
  tags: fields.keyValues({ optional: true }),
  code: fields.text({ optional: true }),
  requirements: fields.text({ optional: true }),
  predictCommand: fields.text({ optional: true }),
  serveCommand: fields.text({ optional: true }),
  environment: fields.list({ optional: true }),
  modelCard: fields.text({ optional: true }),
  baseImage: fields.text({ optional: true }),
  image: fields.text({ optional: true }),
  artifacts: fields.text({ optional: true }),
  approval: fields.choice(APPROVALS, { optional: true }),
  stage: fields.text({ optional: true }),
  keep: fields.integer({ optional: true, min: 1 }),
  signingKey: fields.text({ optional: true }),
  verificationKey: fields.text({ optional: true }),
  from: fields.text({ optional: true }),
  to: fields.text({ optional: true }),
  overrideReason: fields.text({ optional: true }),
  reason: fields.text({ optional: true }),
  scan: fields.choice(SCAN_MODES, { default: 'fail' }),
  scanAllow: fields.text({ optional: true }),
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
    'environment',
    'modelCard',
    'baseImage',
    'image',
    'artifacts',
    'approval',
    'stage',
    'keep',
    'signingKey',
    'overrideReason',
    'scan',
    'scanAllow',
  ],
  promote: ['model', 'registry', 'aliases', 'stage', 'verificationKey', 'overrideReason', 'reason'],
  rollback: ['model', 'registry', 'aliases', 'reason'],
  approve: ['model', 'registry', 'approval', 'stage', 'reason'],
  verify: ['model', 'registry', 'verificationKey'],
  copy: ['from', 'to', 'aliases', 'artifacts', 'verificationKey', 'overrideReason', 'scan', 'scanAllow'],
  prune: ['registry', 'keep'],
  scan: ['model', 'scan', 'scanAllow'],
} as const;

/** The inputs as the operations receive them. */
export interface Given {
  operation: (typeof VERSION_OPERATIONS)[number];
  name: string;
  records: string;
  model?: string;
  registry: string;
  aliases?: string[];
  tags?: Record<string, string>;
  code?: string;
  requirements?: string;
  predictCommand?: string;
  serveCommand?: string;
  environment?: string[];
  modelCard?: string;
  baseImage?: string;
  image?: string;
  artifacts?: string;
  approval?: Approval;
  stage?: string;
  keep?: number;
  signingKey?: string;
  verificationKey?: string;
  from?: string;
  to?: string;
  overrideReason?: string;
  reason?: string;
  scan: (typeof SCAN_MODES)[number];
  scanAllow?: string;
  githubToken?: string;
}
