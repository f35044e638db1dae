/** Everything that can be wrong is found out here, before a machine is paid for or a second is trained. */
import { join } from 'node:path';
import {
  accessOf,
  combineDigests,
  type DataFiles,
  localPath,
  publicNames,
  resolveData,
} from '../../../shared/data/source.ts';
import { UserError } from '../../../shared/errors.ts';
import type { RecordInput } from '../../../shared/records/envelope.ts';
import type { EarlyStopRules } from '../../../shared/records/stop-rules.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { workIdentity } from '../checkpoints/checkpoints.ts';
import { describeMoney, type Money, openMoney } from '../cost/money.ts';
import type { Given } from '../inputs.ts';
import { type Params, readParams } from '../params.ts';
import { secretMask } from '../secrets.ts';
import { readEarlyStop } from '../watch/early-stopping.ts';
import {
  type MetricDefinition,
  readMetricDefinitions,
  type WrittenDefinitions,
} from '../watch/metric-definitions.ts';

export interface Prepared {
  command: string;
  params: Params;
  data: Pick<DataFiles, 'files' | 'digest'>;
  /** The data of the record. */
  inputs: RecordInput[];
  /** The same only for the same training. */
  work: string;
  definitions: MetricDefinition[];
  writtenDefinitions: WrittenDefinitions;
  earlyStop: EarlyStopRules | undefined;
  /** Undefined where nobody knows the price. */
  money: Money | undefined;
  mask: (text: string) => string;
}

/** @throws UserError for inputs that are missing or cannot be used, for data that cannot be read, and for a budget. */
export async function prepare(given: Given, deps: Deps<never>): Promise<Prepared> {
  const { command } = given;
  if (command === undefined)
    throw new UserError(`operation: ${given.operation} needs a command.`, {
      where: { key: 'command' },
      fix: 'Give the training command, e.g. command: python3 train.py.',
    });
  const params = await readParams(given.params);
  const { definitions, written } = await readMetricDefinitions(given.metricDefinitions);
  const earlyStop = await readEarlyStop(given.earlyStop);
  const opened = await openMoney(given, deps.now(), { env: deps.env, signal: deps.signal });
  if ('money' in opened) deps.log.info(describeMoney(opened.money));
  else {
    const isAsked = [given.prices, given.machine, given.expectedTime].some((input) => input !== undefined);
    deps.log[isAsked ? 'warning' : 'debug'](`What it costs is not known. ${opened.problem} ${opened.fix}`);
  }
  const data = given.data
    ? await resolveData(given.data, accessOf(deps))
    : { files: [], digest: combineDigests([]) };
  const { seed } = given;
  const identity = {
    command,
    params: seed === undefined ? params : { params, seed },
    dataDigest: data.digest,
  };
  return {
    ...{ command, params, data, definitions, writtenDefinitions: written, earlyStop },
    inputs:
      data.files.length > 0
        ? [{ role: 'data', name: publicNames(given.data ?? []), digest: data.digest }]
        : [],
    work: workIdentity(identity),
    money: 'money' in opened ? opened.money : undefined,
    mask: secretMask(deps.env, [given.githubToken, given.runnerToken]),
  };
}

/** Files of the data as a backend takes them. */
export const dataOf = ({ files }: Pick<DataFiles, 'files'>) =>
  files.map((file) => ({ path: localPath(file), bytes: file.bytes, sha256: file.sha256 }));

/** Where the command writes, in the workspace of its run. */
export const placesIn = (workspace: { folder: string; model: string }) => ({
  model: workspace.model,
  metrics: join(workspace.folder, 'metrics.json'),
  output: join(workspace.folder, 'output'),
});
