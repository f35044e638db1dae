import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import * as z from 'zod';
import { UserError } from '../../shared/errors.ts';
import { endGroup, groupStillLives, processIdentity } from '../../shared/programs/process-group.ts';

/**
 * A command writes its model into a fresh folder beside the model folder, which takes that name only when the
 * command has succeeded. So the model of an earlier run is never taken for this one's, and it survives a run that
 * fails or is killed.
 */

const processSchema = z.strictObject({ pid: z.number(), identity: z.string() });
const ownerSchema = z.strictObject({ owner: processSchema, group: processSchema.nullable() });

/** A folder without a note of its owner may just be being made. */
const UNNAMED_FOR_MS = 60_000;
const ENDING_GRACE_MS = 5_000;

export interface Workspace {
  /** Removed at the end; lies beside the model folder, so that renaming is one step. */
  folder: string;
  /** MODEL_DIR of the command: empty at first. */
  model: string;
  /** Notes the command's process group, so that whoever finds this folder can end it. */
  noteGroup(group: number): Promise<void>;
  /** Gives the model its name, in place of an earlier one. */
  publish(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Makes the folder for one run, after clearing what killed runs left behind.
 * @param modelDir the folder that the model will have; need not exist.
 * @param keep what must not be inside it, since the folder is replaced as a whole; beside the working directory.
 * @throws UserError when it is, or when another run that still lives trains into the same folder.
 */
export async function openWorkspace(
  modelDir: string,
  log: (message: string) => void,
  keep: readonly string[] = [],
): Promise<Workspace> {
  const target = await realTarget(modelDir);
  for (const path of [process.cwd(), ...keep]) await refuseInside(target, path);
  await mkdir(dirname(target), { recursive: true });
  for (const folder of await leftovers(target)) await clearLeftover(folder, target, log);

  const folder = `${target}.training-${randomBytes(6).toString('hex')}`;
  const model = join(folder, 'model');
  const owner = { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
  await mkdir(model, { recursive: true });
  await note(folder, { owner, group: null });
  return {
    folder,
    model,
    noteGroup: async (group) => {
      await note(folder, { owner, group: { pid: group, identity: processIdentity(group) ?? '' } });
    },
    publish: () => publish(folder, model, target),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Ends what a killed run left running, puts an earlier model back and removes the run's folder. */
export async function clearWorkspace(folder: string, modelDir: string): Promise<void> {
  const target = await realTarget(modelDir);
  // Killed between the two renames of `publish`: the earlier model is the only whole one that has a name.
  if (!(await exists(target)) && (await exists(join(folder, 'previous')))) {
    await rename(join(folder, 'previous'), target);
  }
  await rm(folder, { recursive: true, force: true });
}

async function leftovers(target: string): Promise<string[]> {
  const prefix = `${basename(target)}.training-`;
  const names = await readdir(dirname(target));
  return names.filter((name) => name.startsWith(prefix)).map((name) => join(dirname(target), name));
}

async function clearLeftover(folder: string, target: string, log: (message: string) => void): Promise<void> {
  const text = await readFile(join(folder, 'owner.json'), 'utf8').catch(() => undefined);
  if (text === undefined) {
    const age = Date.now() - ((await stat(folder).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > UNNAMED_FOR_MS) await rm(folder, { recursive: true, force: true });
    return;
  }
  const { owner, group } = ownerSchema.parse(JSON.parse(text));
  if (processIdentity(owner.pid) === owner.identity) {
    throw new UserError(`Another run (process ${owner.pid}) is training into ${target}.`, {
      where: { key: 'model-dir' },
      fix: 'Wait for it, or give this run another model-dir.',
    });
  }
  log(`An earlier run into ${target} was killed; what it left behind is cleared away.`);
  if (group && groupStillLives(group.pid, group.identity)) await endGroup(group.pid, ENDING_GRACE_MS);
  await clearWorkspace(folder, target);
}

async function publish(folder: string, model: string, target: string): Promise<void> {
  try {
    await rename(target, join(folder, 'previous')).catch(ignoreMissing);
    await rename(model, target);
  } catch (cause) {
    throw new UserError(
      `The model could not be moved to ${target}: ${cause instanceof Error ? cause.message : cause}.`,
      {
        where: { key: 'model-dir' },
        fix: 'Give a folder that may be renamed: not a mount point, and in a folder that may be written to.',
        cause,
      },
    );
  }
}

async function note(folder: string, owner: z.infer<typeof ownerSchema>): Promise<void> {
  const draft = join(folder, 'owner.json.draft');
  await writeFile(draft, JSON.stringify(owner));
  await rename(draft, join(folder, 'owner.json'));
}

async function refuseInside(target: string, path: string): Promise<void> {
  const way = relative(target, await realTarget(path));
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return;
  throw new UserError(`The model folder ${target} would replace ${path}, which lies in it.`, {
    where: { key: 'model-dir' },
    fix: 'Give the model a folder of its own, e.g. model-dir: model.',
  });
}

/** Follows a link, so that the folder behind it is replaced and not the link. */
async function realTarget(modelDir: string): Promise<string> {
  return realpath(modelDir).catch(() => resolve(modelDir));
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
