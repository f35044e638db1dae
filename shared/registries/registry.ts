/**
 * `registries/` keeps models under names: one interface, an adapter per kind of store, chosen by the scheme of
 * the URI. Nothing outside this folder knows how a store keeps what it is given.
 */
import type { ModelLocation } from './model-uri.ts';
import { openOciRegistry } from './oci/open.ts';
import type { Registry, RegistryOptions } from './registry-interface.ts';
import { refuseUnknownStore } from './unknown-store.ts';

export {
  formatModelUri,
  type ModelLocation,
  parseModelUri,
  parseRegistry,
  requireName,
} from './model-uri.ts';
export type * from './registry-interface.ts';

/** Opens the registry of one model name. Nothing is read or written until a method is called. */
export async function openRegistry(location: ModelLocation, options: RegistryOptions): Promise<Registry> {
  if (location.scheme === 'oci-layout' || location.scheme === 'oci')
    return openOciRegistry(location, options);
  return refuseUnknownStore(location.scheme);
}
