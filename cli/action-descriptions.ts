/** What each action does, as its action.yml says: made by `npm run generate`. */
import type { ActionId } from '../shared/records/envelope.ts';

export const ACTION_DESCRIPTIONS: Record<ActionId, string> = {
  'validate-data':
    'Holds data files to a data contract, names every broken rule with its rows, and writes a profile of the data.',
  'train-on-gpu-runner':
    'Trains on this runner or as a SageMaker job, resumes after interruptions, measures time, GPUs and money, ends all of it, and hashes the model.',
  'evaluate-gate':
    'Judges a model and the champion on the same rows by a policy, with intervals, and says whether it may merge.',
  'register-model':
    'Stores a model as an immutable version with its lineage and its verdict, and moves aliases such as champion forward and back.',
  'canary-deploy':
    'Rolls a registered model out step by step, compares it with the champion while it serves, and promotes it or takes it back.',
  'drift-check':
    'Says whether data, predictions or performance are no longer what they were, per column and per week, and whether that calls for a retrain.',
};
