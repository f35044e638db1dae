/** Which model is judged: its digest, and its size where its files lie here. */
import { stat } from 'node:fs/promises';
import { UserError } from '../../shared/errors.ts';
import { modelDigest } from '../../shared/models/digest.ts';
import { readPackagedModel } from '../../shared/registries/packaged-model.ts';
import {
  openRegistry,
  parseModelUri,
  type Registry,
  type Version,
} from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';

export interface Subject {
  digest: string;
  /** Bytes of the model's files. */
  bytes: number;
  /** Where the model's files lie. */
  path: string;
}

export interface FoundVersion {
  registry: Registry;
  version: Version | undefined;
}

/** Finds a version by URI; undefined version when there is none. @throws UserError for what is no URI. */
export async function findVersion(
  text: string,
  key: string,
  token: string | undefined,
  deps: Deps,
): Promise<FoundVersion> {
  const uri = parseModelUri(text);
  if (!uri) {
    throw new UserError(`${JSON.stringify(text)} is not a model in a registry.`, {
      where: { key },
      fix: 'Write <registry>/<name>@<alias, version or sha256:…>, e.g. oci-layout:mlops-registry/churn@champion.',
    });
  }
  const registry = await openRegistry(uri, {
    env: deps.env,
    githubToken: token,
    signal: deps.signal,
    now: deps.now,
    progress: deps.log.progress,
  });
  return { registry, version: await registry.resolve(uri.reference) };
}

/** The model of the input `model`: a path, or a registry URI whose files are fetched into `folder`. */
export async function findSubject(
  model: string,
  folder: string,
  token: string | undefined,
  deps: Deps,
): Promise<Subject> {
  if (!parseModelUri(model)) return hashed(model, deps);
  const { registry, version } = await findVersion(model, 'inputs.model', token, deps);
  if (!version) {
    throw new UserError(`There is no model ${model}.`, {
      where: { key: 'inputs.model' },
      fix: 'Check the reference after @.',
    });
  }
  const { modelFolder } = await readPackagedModel(registry, version, folder);
  return hashed(modelFolder, deps);
}

async function hashed(path: string, deps: Deps): Promise<Subject> {
  await stat(path).catch((cause) => {
    throw new UserError(`There is no model at ${path}.`, {
      where: { file: path, key: 'inputs.model' },
      fix: 'Give the folder or file that training wrote, or a registry URI.',
      cause,
    });
  });
  const { digest, files } = await modelDigest(path, { signal: deps.signal });
  return { digest, path, bytes: files.reduce((sum, file) => sum + file.size, 0) };
}
