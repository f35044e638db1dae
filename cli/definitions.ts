/** The six definitions by name, each loaded only when it runs. */
import type { ActionId } from '../shared/records/envelope.ts';
import type { ActionDefinition } from '../shared/runtime/definition.ts';

const loaders: Record<ActionId, () => Promise<{ definition: ActionDefinition }>> = {
  'validate-data': () => import('../actions/validate-data/main.ts'),
  'train-on-gpu-runner': () => import('../actions/train-on-gpu-runner/main.ts'),
  'evaluate-gate': () => import('../actions/evaluate-gate/main.ts'),
  'register-model': () => import('../actions/register-model/main.ts'),
  'canary-deploy': () => import('../actions/canary-deploy/main.ts'),
  'drift-check': () => import('../actions/drift-check/main.ts'),
};

export async function loadDefinition(id: ActionId): Promise<ActionDefinition> {
  return (await loaders[id]()).definition;
}
