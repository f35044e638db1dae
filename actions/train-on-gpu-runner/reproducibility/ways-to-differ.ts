import type { TrainingRun } from '../../../shared/records/training-run.ts';
import { isLakeFsCommit } from './lakefs.ts';

/** Whether the text is of a record in which a secret was replaced. */
const isMasked = (text: string): boolean => text.includes('***');

/** Why a repetition of a training may not give the same, each one sentence; empty when nothing is known to stand against it. */
export function waysToDiffer(record: TrainingRun): string[] {
  const { reproduction: origin, environment, stoppedBy } = record;
  const ways: (string | false | undefined)[] = [
    machineOf(record),
    environment.python !== null && `It ran with Python ${environment.python}.`,
    record.backend === 'sagemaker' &&
      `It ran as a training job of SageMaker${record.job ? ` on ${record.job.count} × ${record.job.machine}` : ''}; the repetition runs on the machine that starts it.`,
    isMasked(record.command + JSON.stringify(record.params)) &&
      'A secret in the command or the parameters was replaced by ***: write it in again.',
    record.checkpoints.resumedFrom !== 'nothing' &&
      'It went on from checkpoints of an earlier attempt; the repetition begins anew.',
    stoppedBy != null &&
      (record.rules
        ? stoppedBy.rule !== 'early-stop' &&
          `It was ended by the clock before its own end (${stoppedBy.rule}); the repetition has the same rule, and may be further by then.`
        : `It was ended before its own end (${stoppedBy.rule}); the repetition has no such rule.`),
    record.rules?.budgetUsd != null &&
      (record.cost
        ? `Its budget of ${record.rules.budgetUsd} US dollars is kept as the same time, at the price of ${record.cost.machine}.`
        : `Its budget of ${record.rules.budgetUsd} US dollars is left out: its price is not known.`),
    ...(origin ? waysOfOrigin(record, origin) : ['The record does not say where the code came from.']),
  ];
  return ways.filter((way) => typeof way === 'string');
}

function machineOf({ environment }: TrainingRun): string {
  const { gpus, cpuModel, cpuCount } = environment;
  const [first] = gpus;
  if (!first)
    return `It ran without a GPU, on ${cpuCount} × ${cpuModel || environment.architecture}; another processor may round otherwise.`;
  return `It ran on ${gpus.length} × ${first.name} (driver ${first.driverVersion}); another GPU may round otherwise.`;
}

function waysOfOrigin(
  record: TrainingRun,
  origin: NonNullable<TrainingRun['reproduction']>,
): (string | false | undefined)[] {
  const { uncommitted, container, cuda, packages } = origin;
  const moving = origin.dataVersions.filter(
    ({ system, name, version }) => system === 'lakefs' && name.includes('://') && !isLakeFsCommit(version),
  );
  return [
    origin.commit === null && 'No commit is known: the code is whatever lies in the folder.',
    uncommitted !== null &&
      uncommitted.files > 0 &&
      uncommitted.path === null &&
      `${uncommitted.files} files differed from the commit, and their changes were too large to be kept.`,
    uncommitted?.path?.endsWith('.masked.patch') &&
      'A secret in the uncommitted changes was replaced by ***: they may not apply.',
    origin.seed === null && 'No seed was given to the action.',
    packages.length === 0 && record.environment.python !== null && 'The installed packages are not known.',
    packages.some(({ path }) => path === null) && 'The list of packages was too long to be kept.',
    container !== null &&
      container.digest === null &&
      `The digest of the image ${container.image} is not known: its tag may stand for another image now.`,
    cuda?.toolkit != null && `It found the CUDA toolkit ${cuda.toolkit}.`,
    ...moving.map(({ name, version }) => `${name} is read at "${version}", which may have moved since.`),
    ...origin.dataVersions
      .filter(({ system }) => system === 'delta')
      .map(
        ({ name, version }) => `The Delta table ${name} was at version ${version}; read it at that version.`,
      ),
  ];
}
