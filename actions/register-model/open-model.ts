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
import { requiredInput } from './required-input.ts';

export interface OpenedRegistry {
  registry: Registry;
  registryText: string;
}

/** Opens the registry that the input `registry` names for the model's name. */
export function openModelRegistry(given: Given, deps: Deps): Promise<OpenedRegistry> {
  checkAliases(given);
  return openLocation(locationOf(given.registry, given.name, 'registry'), given, deps);
}

/** Reads what the input `key` says, a registry. @throws UserError also for a version, which would be a new folder. */
export function locationOf(text: string, name: string, key: 'registry' | 'to'): ModelLocation {
  const end = new RegExp(`[/:]${name}@[^/]*$`).exec(text);
  if (end) {
    throw new UserError(`${text} names a version; a registry is wanted.`, {
      where: { key },
      fix: `Write ${text.slice(0, end.index + (text[end.index] === ':' ? 1 : 0))}.`,
    });
  }
  return ofInput(key, () => parseRegistry(text, name));
}

function checkAliases({ aliases = [] }: Given): void {
  for (const alias of aliases) ofInput('aliases', () => checkAlias(alias));
}

/** Says of an error which input is wrong. */
function ofInput<Result>(key: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { where, fix } = error;
    throw new UserError(error.message, { where: { ...where, key }, fix, cause: error });
  }
}

/** Opens one model name in one registry with what the inputs say of it. */
export async function openLocation(
  location: ModelLocation,
  given: Given,
  deps: Deps,
): Promise<OpenedRegistry> {
  const registry = await openRegistry(location, {
    env: deps.env,
    githubToken: given.githubToken,
    artifacts: given.artifacts,
    now: deps.now,
    progress: deps.log.progress,
    signal: deps.signal,
  });
  return { registry, registryText: formatRegistry(location) };
}

/**
 * Finds the version that `model` (or `from`) names, as a registry URI or as `name@reference` in `registry`.
 * @throws UserError when the name is another one, or there is no such version.
 */
export async function openVersion(
  given: Given,
  deps: Deps,
  key: 'model' | 'from' = 'model',
): Promise<OpenedRegistry & { version: Version; reference: string }> {
  const model = requiredInput(given, key, `${given.name}@champion`);
  const uri = ofInput(key, () => parseModelUri(model));
  // `sagemaker:` has an empty path, and a folder may end in a slash.
  const separator = /[:/]$/.test(given.registry) ? '' : '/';
  const text = uri ? model : `${given.registry}${separator}${model}`;
  const parsed = uri ?? ofInput(key, () => parseModelUri(text));
  if (!parsed) {
    throw new UserError(`The registry ${given.registry} has none of the known schemes.`, {
      where: { key: 'registry' },
      fix: 'Write oci-layout:DIR, oci://host/namespace, mlflow:URL or sagemaker:.',
    });
  }
  ofInput(key, () => requireName(parsed, given.name));
  checkAliases(given);
  const opened = await openLocation(parsed, given, deps);
  const version = await opened.registry.resolve(parsed.reference);
  if (version) return { ...opened, version, reference: parsed.reference };
  const aliases = Object.keys(await opened.registry.aliases());
  throw new UserError(`There is no version ${parsed.reference} of ${given.name} in ${opened.registryText}.`, {
    where: { key },
    fix: aliases.length > 0 ? `Aliases there: ${aliases.join(', ')}.` : 'Register a version first.',
  });
}
