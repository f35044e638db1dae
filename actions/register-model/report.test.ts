import { expect, test } from 'vitest';
import { type ModelVersion, modelVersionSchema } from '../../shared/records/model-version.ts';
import { renderSection } from '../../shared/report/section.ts';
import { sampleVersion } from '../../shared/testing/sample-records.ts';
import { sampleScan } from '../../shared/testing/sample-scan.ts';
import { report } from './report.ts';

const digest = (character: string) => `sha256:${character.repeat(64)}`;
const NOT_STORED = { uri: null, version: null, created: false, aliasMoves: [], stored: [], files: null };
const REFUSED = { verdict: 'fail', gate: 'refused', ...NOT_STORED } as const;

/** What people read of every operation, done and refused. */
const CASES: Record<string, Partial<ModelVersion>> = {
  register: { approval: 'approved', stage: 'staging' },
  'register-ungated': {
    verdict: 'warn',
    gate: 'ungated',
    reason: 'Registered as ungated: it has no Evaluation.',
    evaluation: null,
    approval: 'pending',
    aliasMoves: [],
  },
  'register-refused': {
    ...REFUSED,
    reason: 'Not registered: its Evaluation failed.',
    evaluation: verdictOf('fail'),
  },
  'register-unjudged': {
    ...REFUSED,
    reason: `Not registered: no Evaluation is of this model (${digest('b')}), only of ${digest('a')}.`,
    evaluation: null,
  },
  promote: {
    operation: 'promote',
    reason: 'Promoted to champion: its Evaluation passed.',
    created: false,
    aliasMoves: [{ alias: 'champion', from: digest('a'), to: digest('b') }],
    provenance: { signature: 'valid', statement: 'valid', key: digest('c') },
    by: 'ann',
  },
  'promote-overridden': {
    operation: 'promote',
    verdict: 'warn',
    gate: 'overridden',
    reason: 'Promoted to champion although its Evaluation failed; let through because: the old one is down.',
    overrideReason: 'the old one is down',
    created: false,
    aliasMoves: [{ alias: 'champion', from: digest('a'), to: digest('b') }],
  },
  'promote-pending': {
    ...REFUSED,
    operation: 'promote',
    reason: 'Not promoted: it waits for approval.',
    approval: 'pending',
  },
  'promote-unsigned': {
    ...REFUSED,
    operation: 'promote',
    reason: 'Not promoted: the version has no signature.',
    provenance: { signature: 'missing', statement: 'missing', key: digest('c') },
  },
  rollback: {
    operation: 'rollback',
    reason: `Moved champion back from ${digest('c')}: it errs at night.`,
    created: false,
    aliasMoves: [{ alias: 'champion', from: digest('c'), to: digest('b') }],
    by: 'ann',
  },
  approve: {
    operation: 'approve',
    reason: 'The version is rejected, was approved: it leaks.',
    created: false,
    aliasMoves: [],
    approval: 'rejected',
    by: 'ann',
  },
  verify: {
    operation: 'verify',
    reason: 'Signature, provenance and bytes are those of this version.',
    created: false,
    aliasMoves: [],
    provenance: { signature: 'valid', statement: 'valid', key: digest('c') },
  },
  'verify-failed': {
    operation: 'verify',
    verdict: 'fail',
    reason: 'The signature is not valid: it is signed by another key.',
    created: false,
    aliasMoves: [],
    provenance: { signature: 'invalid', statement: 'valid', key: digest('c') },
  },
  'copy-refused': {
    ...REFUSED,
    operation: 'copy',
    reason: 'Not copied: its Evaluation is inconclusive.',
    registry: 'mlflow:http://localhost:5000',
    evaluation: verdictOf('inconclusive'),
  },
  copy: {
    operation: 'copy',
    reason: 'Copied from oci-layout:registry: its Evaluation passed.',
    registry: 'mlflow:http://localhost:5000',
    uri: `mlflow:http://localhost:5000/flight-delays@${digest('b')}`,
    version: '7',
    copiedFrom: `oci-layout:registry/flight-delays@${digest('b')}`,
    aliasMoves: [],
  },
  'register-unsafe': {
    ...REFUSED,
    reason:
      'Not registered: the safety scan found 2 things that can run code when the model is loaded, or that cannot be looked into: …',
    scan: sampleScan(),
  },
  'scan-passed': {
    ...NOT_STORED,
    operation: 'scan',
    gate: 'ungated',
    registry: '',
    reason: 'The safety scan found nothing.',
    evaluation: null,
    scan: {
      mode: 'fail',
      result: { ...sampleScan().result!, counts: { error: 0, warning: 0, note: 0 }, findings: [] },
    },
  },
  prune: {
    operation: 'prune',
    reason: '2 old versions were removed. 3 versions stay.',
    created: false,
    aliasMoves: [],
    removed: ['d', 'e'].map((name) => ({ digest: digest(name), version: digest(name), createdAt: null })),
  },
};

function verdictOf(verdict: string): ModelVersion['evaluation'] {
  return { verdict, createdAt: '2026-11-24T10:03:00Z', subject: digest('b') };
}

test.each(Object.entries(CASES))('the report of %s reads as it should', async (name, parts) => {
  const record = modelVersionSchema.parse({ ...sampleVersion(), ...parts });
  const text = renderSection(report(record));
  // No row without a value, and no table without a row.
  expect(text).not.toMatch(/\|\s*\|\s*$|^\|[-|: ]+\|\n(?!\|)/m);
  await expect(text).toMatchFileSnapshot(`./report/golden/${name}.md`);
});
