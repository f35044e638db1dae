/**
 * train-on-gpu-runner runs a training command and turns what it wrote into a model with a digest and a record of how it
 * came about. `operations/` holds what each operation does, in order; `backends/` where a training runs, `runners/` the
 * machines that are made for one job; `watch/`, `checkpoints/`, `preflight/`, `reproducibility/`, `tracking/` and `cost/`
 * are what goes on around it. The work is loaded when it runs.
 */
import { defineAction } from '../../shared/runtime/definition.ts';
import { inputs, operations } from './inputs.ts';
import { report } from './report.ts';
import { reportRunner } from './runners/report.ts';
import { stateSchema } from './state.ts';

export const definition = defineAction({
  id: 'train-on-gpu-runner',
  kind: ['TrainingRun', 'GpuRunner'],
  inputs,
  operations,
  operationsOutsidePullRequest: ['cancel', 'reproduce', 'stop', 'reap'],
  outputs: ['model', 'digest', 'job', 'script', 'runner-label'],
  state: stateSchema,
  run: async (given, deps) => (await import('./operations/run.ts')).run(given, deps),
  report: (record) => (record.kind === 'GpuRunner' ? reportRunner(record) : report(record)),
  post: async (state, deps) => (await import('./operations/post.ts')).endRun(state, deps),
});
