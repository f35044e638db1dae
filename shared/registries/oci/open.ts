import { join } from 'node:path';
import type { ModelLocation } from '../model-uri.ts';
import type { Registry, RegistryOptions } from '../registry-interface.ts';
import { OciRegistry } from './adapter.ts';
import { LayoutStore } from './layout.ts';

/** Opens an OCI store: `oci-layout` is a folder (one layout per name), `oci` a registry over the network. */
export async function openOciRegistry(location: ModelLocation, options: RegistryOptions): Promise<Registry> {
  const common = {
    now: options.now ?? (() => new Date()),
    progress: options.progress,
    signal: options.signal,
  };
  if (location.scheme === 'oci-layout') {
    return new OciRegistry(
      location,
      new LayoutStore(join(location.path, location.name), options.signal),
      common,
    );
  }
  const { openRemoteStore } = await import('./remote.ts');
  return new OciRegistry(location, openRemoteStore(location, options), common);
}
