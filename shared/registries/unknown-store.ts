import { UserError } from '../errors.ts';
import type { RegistryScheme } from './model-uri.ts';

/** @throws UserError always: the scheme is of the grammar, and this version has no adapter for it. */
export function refuseUnknownStore(scheme: RegistryScheme): never {
  throw new UserError(`This version knows the registries oci-layout: and oci:// only, not ${scheme}:.`, {
    fix: 'Use oci-layout:DIR for a folder or oci://host/namespace for a container registry.',
  });
}
