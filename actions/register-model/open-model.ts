import { UserError } from '../../shared/errors.ts';
import { checkAlias } from '../../shared/registries/alias.ts';
import { formatRegistry } from '../../shared/registries/model-uri.ts';
import {
  type ModelLocation,
  openRegistry,
  parseModelUri,
  parseRegistry,
  type Registry,
  requireName,
  type Version,
} from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import type { Given } from './inputs.ts';

export interface OpenedRegistry {
  registry: Registry;
  registryText: string;
}

/** Opens the registry that the input `registry` names for the model's name. */
export function openModelRegistry(given: Given, deps: Deps): Promise<OpenedRegistry> {
  for (const alias of given.aliases ?? []) checkAlias(alias);
  return open(parseRegistry(given.registry, given.name), given, deps);
}

async function open(location: ModelLocation, given: Given, deps: Deps): Promise<OpenedRegistry> {
  const registry = await openRegistry(location, {
    env: deps.env,
    githubToken: given.githubToken,
    now: deps.now,
    progress: deps.log.progress,
    signal: deps.signal,
  });
  return { registry, registryText: formatRegistry(location) };
}

/**
 * Finds the version that `model` names, as a registry URI or as `name@reference` in `registry`.
 * @throws UserError when the name is another one, or there is no such version.
 */
export async function openVersion(
  given: Given,
  deps: Deps,
): Promise<OpenedRegistry & { version: Version; reference: string }> {
  const uri = parseModelUri(given.model);
  const text = uri ? given.model : `${given.registry}/${given.model}`;
  const parsed = uri ?? parseModelUri(text);
  if (!parsed) {
    throw new UserError(`The registry ${given.registry} has none of the known schemes.`, {
      where: { key: 'registry' },
      fix: 'Write oci-layout:DIR or oci://host/namespace.',
    });
  }
  requireName(parsed, given.name);
  for (const alias of given.aliases ?? []) checkAlias(alias);
  const opened = await open(parsed, given, deps);
  const version = await opened.registry.resolve(parsed.reference);
  if (version) return { ...opened, version, reference: parsed.reference };
  const aliases = Object.keys(await opened.registry.aliases());
  throw new UserError(`There is no version ${parsed.reference} of ${given.name} in ${opened.registryText}.`, {
    where: { key: 'model' },
    fix: aliases.length > 0 ? `Aliases there: ${aliases.join(', ')}.` : 'Register a version first.',
  });
}
