/**
 * Reproducible trainings: this folder finds out all that is needed to do a training again, and writes the script that
 * does it. Nothing here may hold a training up: what cannot be found out in seconds is null in the record.
 */
import { resolve } from 'node:path';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import type { RecordSource } from '../../../shared/records/envelope.ts';
import type { Reproduction } from '../../../shared/records/training-run.ts';
import type { Params } from '../params.ts';
import { type ContainerOptions, findContainer } from './container.ts';
import { findCuda } from './cuda.ts';
import { findDataVersions } from './data-versions.ts';
import { findPackages } from './packages.ts';
import { findRepository } from './repository.ts';
import { findUncommitted } from './uncommitted.ts';

export interface WorkOrigin {
  command: string;
  params: Params;
  /** The input `data`, as given. */
  sources: readonly string[];
  /** Where its files lie on this machine. */
  files: readonly string[];
  seed: number | undefined;
  /** In which the command runs. */
  folder: string;
  /** Of the command. */
  env: NodeJS.ProcessEnv;
  /** What GitHub says, for where there is no git. */
  source: RecordSource;
  /** Of NVIDIA; null where there is none. */
  driver: string | null;
  /** Records, the model's folder, checkpoints: no part of the code. */
  keepOut: readonly string[];
  mask: (text: string) => string;
  container?: ContainerOptions;
}

/** A large part of the origin, to be written beside the record by `RecordFolder.writeAttachment`. */
export interface OriginText {
  bytes: Uint8Array | string;
  extension: string;
}

export interface Origin {
  reproduction: Reproduction;
  texts: OriginText[];
  /** What a person should know, each one sentence. */
  notes: string[];
}

const PACKAGES_MOST_CHARACTERS = 5_000_000;

/** Finds everything out at once, before the command starts and may change it. Never fails. */
export async function describeOrigin(work: WorkOrigin): Promise<Origin> {
  const { env, folder, mask } = work;
  const repository = await findRepository(env, folder);
  // What the input `data` names has a digest of its own in the record.
  const keepOut = [...work.keepOut, ...work.files].map((path) => resolve(folder, path));
  const [uncommitted, packages, container, cuda, dataVersions] = await Promise.all([
    repository && findUncommitted(repository, { keepOut, mask }).catch(() => undefined),
    findPackages(work.command, env, folder).catch(() => []),
    findContainer(env, work.container).catch(() => null),
    findCuda(env, work.driver).catch(() => null),
    findDataVersions(work, env, folder, repository).catch(() => []),
  ]);
  const texts: OriginText[] = [];
  const keep = (bytes: Uint8Array | string, extension: string) => {
    texts.push({ bytes, extension });
    const digest = sha256(bytes);
    return { digest, path: `${digest.slice('sha256:'.length)}.${extension}` };
  };
  const { patch } = uncommitted ?? {};
  const reproduction: Reproduction = {
    repository: repository?.address ?? addressOf(work.source.repository, env),
    commit: repository?.commit ?? work.source.commit,
    workingDirectory: repository?.workingDirectory ?? null,
    uncommitted:
      uncommitted === undefined
        ? null
        : {
            files: uncommitted.files,
            ...(patch
              ? keep(patch, uncommitted.isMasked ? 'masked.patch' : 'patch')
              : { digest: uncommitted.digest, path: null }),
          },
    seed: work.seed ?? null,
    packages: packages.map(({ manager, count, text, extension }) => {
      const masked = mask(text);
      const isKept = masked.length <= PACKAGES_MOST_CHARACTERS;
      return {
        manager,
        count,
        ...(isKept ? keep(masked, extension) : { digest: sha256(masked), path: null }),
      };
    }),
    container: container && { ...container, image: mask(container.image) },
    cuda,
    dataVersions: dataVersions.map((version) => ({
      ...version,
      name: mask(version.name),
      version: mask(version.version),
    })),
  };
  return { reproduction, texts, notes: (uncommitted?.notes ?? []).map(mask) };
}

/** GitHub's `owner/name` as an address. */
function addressOf(repository: string | null, env: NodeJS.ProcessEnv): string | null {
  if (repository === null || repository.includes('://')) return repository;
  return env.GITHUB_REPOSITORY === repository
    ? `${env.GITHUB_SERVER_URL || 'https://github.com'}/${repository}`
    : null;
}
