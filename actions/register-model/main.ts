/**
 * register-model makes the registry the source of truth: which model, made by which code from which data, judged
 * how, and which one is in use. Each operation has a file of its own; what a store is, `shared/registries/` knows.
 */
import { type ActionResult, type Deps, defineAction } from '../../shared/runtime/definition.ts';
import { type Given, inputs, operations } from './inputs.ts';
import { promote } from './promote.ts';
import { register } from './register.ts';
import { report } from './report.ts';
import { rollback } from './rollback.ts';

export const definition = defineAction({
  id: 'register-model',
  kind: 'ModelVersion',
  inputs,
  operations,
  outputs: ['uri', 'version', 'digest'],
  run,
  report,
});

/** Runs the operation that the inputs name. */
export function run(given: Given, deps: Deps): Promise<ActionResult> {
  if (given.operation === 'promote') return promote(given, deps);
  if (given.operation === 'rollback') return rollback(given, deps);
  return register(given, deps);
}
