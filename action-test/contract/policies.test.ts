/** The policies that READMEs and the example show are ones that the actions accept. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type * as z from 'zod';
import { requireSoundBlocks } from '../../actions/evaluate-gate/blocks/check-policy.ts';
import { fairnessRules } from '../../actions/evaluate-gate/blocks/fairness-rules.ts';
import { rulesOf } from '../../actions/evaluate-gate/policy/rules.ts';
import { checkWaivers } from '../../actions/evaluate-gate/policy/waivers.ts';
import { root } from '../../scripts/bundle.ts';
import { scanAllowSchema } from '../../shared/models/scan/allow.ts';
import { contractSchema } from '../../shared/records/contract.ts';
import { driftPolicySchema } from '../../shared/records/drift-policy.ts';
import { gatePolicySchema, parseGatePolicy } from '../../shared/records/gate-policy.ts';
import { rolloutSchema } from '../../shared/records/rollout.ts';

const EXAMPLE = 'workflows-examples/flight-delays';
const SCHEMAS: Record<string, { schema: z.ZodType; example: string }> = {
  'validate-data': { schema: contractSchema, example: 'contract.yaml' },
  'evaluate-gate': { schema: gatePolicySchema, example: 'gate.yaml' },
  'canary-deploy': { schema: rolloutSchema, example: 'rollout.yaml' },
  'drift-check': { schema: driftPolicySchema, example: 'drift.yaml' },
};

const text = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** Fenced YAML that is no workflow. */
async function fencedPolicies(id: string): Promise<string[]> {
  const markdown = await text(`actions/${id}/README.md`);
  return [...markdown.matchAll(/```ya?ml\n([\s\S]*?)```/g)]
    .map((match) => match[1]!)
    .filter((yaml) => !/^\s*(jobs:|- uses:)/m.test(yaml));
}

describe.each(Object.entries(SCHEMAS))('%s', async (id, { schema, example }) => {
  const policies = await fencedPolicies(id);

  test('shows a whole policy in its README', () => {
    expect(policies.filter((yaml) => /^version:/m.test(yaml))).not.toEqual([]);
  });

  test.each([...policies.entries()])('accepts example %i of its README', (_, yaml) => {
    const written = parse(yaml) as Record<string, unknown>;
    const whole = 'version' in written ? written : { version: 1, task: 'binary', ...written };
    expect(schema.safeParse(whole).error?.issues).toBeUndefined();
  });

  test('accepts that of the example', async () => {
    expect(schema.safeParse(parse(await text(`${EXAMPLE}/${example}`))).error?.issues).toBeUndefined();
  });
});

test('the names in the gate’s policies are known, and nothing contradicts itself', async () => {
  const shown = await fencedPolicies('evaluate-gate');
  const whole = shown.filter((yaml) => yaml.startsWith('version:'));
  expect(whole).not.toEqual([]);
  for (const yaml of [...whole, await text(`${EXAMPLE}/gate.yaml`)]) {
    const document = await parseGatePolicy(yaml, 'gate.yaml');
    const { value: policy, locate } = document;
    const rules = rulesOf(policy, locate, false);
    const fairness = fairnessRules(policy, locate).map(({ rule }) => rule);
    requireSoundBlocks(document);
    checkWaivers(document, [...rules, ...fairness]);
  }
});

test('the README of register-model shows a scan-allow that is accepted', async () => {
  const shown = await fencedPolicies('register-model');
  expect(shown).not.toEqual([]);
  for (const yaml of shown) expect(scanAllowSchema.safeParse(parse(yaml)).error?.issues).toBeUndefined();
});
