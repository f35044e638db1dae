import { UserError } from '../../errors.ts';
import { isMissing } from '../../mlflow/tracking-client.ts';
import { AliasMovedError } from '../alias.ts';
import type { ModelLocation } from '../model-uri.ts';
import type { AliasChange, AliasMove } from '../registry-interface.ts';
import { removedMeanwhile, staysAfterMove } from '../removal-mark.ts';
import type { MlflowApi, ModelVersion, RegisteredModel } from './api.ts';
import { historyTag } from './history-tags.ts';
import { digestOf } from './known-versions.ts';
import { marksOf } from './removal.ts';

interface Move {
  alias: string;
  change: AliasChange;
  /** The version of `change.to`. */
  target: ModelVersion;
}

/**
 * Moves an alias: read, written, read back, since MLflow cannot compare before it writes.
 * @throws AliasMovedError when it points elsewhere than expected. @throws UserError when another job moved it, or
 * removes the version, at the same moment.
 */
export async function moveAlias(
  api: MlflowApi,
  location: ModelLocation,
  { alias, change, target }: Move,
  { now, wait }: { now: () => Date; wait: (milliseconds: number) => Promise<void> },
): Promise<void> {
  const { name } = location;
  const model = await api.model(name);
  const found = await pointsTo(api, name, model, alias);
  const { to, expected, operation = 'promote', ...why } = change;
  if (found === to) return;
  if (expected !== undefined && (found ?? null) !== expected)
    throw new AliasMovedError(alias, expected, found);
  const move: AliasMove = {
    to,
    // What rollback goes back to must be a version of ours.
    from: found?.startsWith('sha256:') ? found : null,
    at: now().toISOString(),
    operation,
    ...why,
  };
  await api.setModelTag(name, historyTag(model?.tags ?? {}, alias, move));
  try {
    await api.setAlias(name, alias, target.version);
  } catch (error) {
    throw isMissing(error) ? removedMeanwhile(alias, to, location) : error;
  }
  const all = () => marksOf(api, name, target.version);
  const isThere = async () => (await api.version(name, target.version)) !== undefined;
  if (!(await staysAfterMove({ all }, { now, wait, isThere }))) {
    await takeBack(api, name, alias, { from: numberOf(model, alias), to: target.version });
    throw removedMeanwhile(alias, to, location);
  }
  const after = await pointsTo(api, name, await api.model(name), alias);
  if (after === to) return;
  throw new UserError(
    `The alias ${alias} was moved to ${after ?? 'nothing'} by another job at the same moment.`,
    {
      fix: 'Let one job at a time move an alias (a concurrency group), and run this one again.',
    },
  );
}

/** The move stays in the alias's history, as that of a job that was cut off: rollback passes over both. */
async function takeBack(
  api: MlflowApi,
  name: string,
  alias: string,
  { from, to }: { from: number | undefined; to: number },
): Promise<void> {
  const present = numberOf(await api.model(name), alias);
  // MLflow itself takes away the aliases of a version that is deleted.
  if (present !== undefined && present !== to) return;
  try {
    if (from !== undefined) await api.setAlias(name, alias, from);
    else await api.deleteAlias(name, alias);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await api.deleteAlias(name, alias);
  }
}

const numberOf = (model: RegisteredModel | undefined, alias: string): number | undefined =>
  model?.aliases.find((entry) => entry.alias === alias)?.version;

/** The digest that an alias names, or words for a version of another tool. */
async function pointsTo(
  api: MlflowApi,
  name: string,
  model: RegisteredModel | undefined,
  alias: string,
): Promise<string | undefined> {
  const number = numberOf(model, alias);
  if (number === undefined) return undefined;
  const version = await api.version(name, number);
  return (version && digestOf(version)) ?? `version ${number} (of another tool)`;
}
