/** The operations of train-on-gpu-runner: this file says which input leads to which. */
import type { ActionResult, Deps } from '../../../shared/runtime/definition.ts';
import type { Given } from '../inputs.ts';
import type { RunState } from '../state.ts';
import { refuseUnused } from './refuse-unused.ts';

export async function run(given: Given, deps: Deps<RunState>): Promise<ActionResult> {
  switch (given.operation) {
    case 'run':
      refuseUnused(given);
      if (given.runner === 'ec2') return (await import('./machines.ts')).launch(given, deps);
      if (given.backend === 'sagemaker') return (await import('./jobs.ts')).trainAsJob(given, deps);
      return (await import('./train.ts')).train(given, deps);
    case 'submit':
      return (await import('./detached.ts')).submit(given, deps);
    case 'collect':
      return (await import('./detached.ts')).collect(given, deps);
    case 'cancel':
      return (await import('./detached.ts')).cancel(given, deps);
    case 'reproduce':
      return (await import('./reproduce.ts')).reproduce(given, deps);
    case 'stop':
      return (await import('./machines.ts')).stop(given, deps);
    case 'reap':
      return (await import('./machines.ts')).reap(given, deps);
  }
}
