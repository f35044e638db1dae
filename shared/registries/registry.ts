/**
 * `registries/` keeps models under names: one interface, an adapter per kind of store, chosen by the scheme of
 * the URI. Nothing outside this folder knows how a store keeps what it is given.
 */
import { UserError } from '../errors.ts';
import { formatRegistry, type ModelLocation } from './model-uri.ts';
import { openOciRegistry } from './oci/open.ts';
import type { Registry, RegistryOptions } from './registry-interface.ts';

export {
  formatModelUri,
  hasScheme,
  type ModelLocation,
  parseModelUri,
  parseRegistry,
  requireName,
} from './model-uri.ts';
export * from './registry-interface.ts';

/** Opens the registry of one model name. Nothing is read or written until a method is called. */
export async function openRegistry(location: ModelLocation, options: RegistryOptions): Promise<Registry> {
  if (location.scheme === 'mlflow') {
    const { openMlflowRegistry } = await import('./mlflow/open.ts');
    return openMlflowRegistry(location, options);
  }
  if (location.scheme === 'sagemaker') {
    const { openSageMakerRegistry } = await import('./sagemaker/open.ts');
    return openSageMakerRegistry(location, options);
  }
  if (options.artifacts !== undefined) {
    throw new UserError(`${formatRegistry(location)} keeps the bytes of models itself.`, {
      where: { key: 'artifacts' },
      fix: 'Leave artifacts out, or use an mlflow: or sagemaker: registry.',
    });
  }
  return openOciRegistry(location, options);
}
