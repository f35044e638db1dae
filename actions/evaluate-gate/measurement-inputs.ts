/** Which of the inputs about speed and attributions go together. */
import { UserError } from '../../shared/errors.ts';
import type { Inputs } from './inputs.ts';

/** Those that this file speaks of. */
export type MeasurementInputs = Partial<
  Pick<
    Inputs,
    | 'latency'
    | 'baselineLatency'
    | 'serveCommand'
    | 'endpoint'
    | 'requests'
    | 'model'
    | 'attributions'
    | 'baselineAttributions'
  >
>;

/** @throws UserError when they contradict each other, or one lacks what it needs. */
export function requireMeasurementInputs(given: MeasurementInputs): void {
  const refuse = (key: string, what: string, fix: string): never => {
    throw new UserError(what, { where: { key: `inputs.${key}` }, fix });
  };
  const sources = [
    given.latency && 'latency',
    given.serveCommand !== undefined && 'serve-command',
    given.endpoint !== undefined && 'endpoint',
  ].filter((source) => typeof source === 'string');
  const [source] = sources;
  if (sources.length > 1) {
    refuse(
      sources[1]!,
      `The inputs ${sources.join(' and ')} are given, and the speed comes from one.`,
      'Give latency for a measured file, or serve-command or endpoint to measure here.',
    );
  }
  if (given.baselineLatency && source === undefined) {
    refuse(
      'baseline-latency',
      'baseline-latency is given without the speed of the model that is judged.',
      'Give latency, serve-command or endpoint too.',
    );
  }
  const measuredHere = source === 'serve-command' || source === 'endpoint';
  if (measuredHere && given.requests === undefined) {
    refuse('requests', `${source} is given without requests.`, 'Name a JSON Lines file of request bodies.');
  }
  if (!measuredHere && given.requests !== undefined) {
    refuse(
      'requests',
      'requests is given, and nothing that they could be sent to.',
      'Give serve-command or endpoint, or leave requests out.',
    );
  }
  if (source === 'serve-command' && given.model === undefined) {
    refuse('model', 'serve-command is given without model.', 'Name the model that the command serves.');
  }
  if (given.baselineAttributions && !given.attributions) {
    refuse(
      'baseline-attributions',
      'baseline-attributions is given without attributions.',
      'Give the files of the model that is judged too.',
    );
  }
}
