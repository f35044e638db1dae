import { setTimeout as delay } from 'node:timers/promises';
import { parseServerAddress, serverOfEnvironment } from '../../mlflow/server-address.ts';
import { TrackingClient } from '../../mlflow/tracking-client.ts';
import type { ModelLocation } from '../model-uri.ts';
import type { Registry, RegistryOptions } from '../registry-interface.ts';
import { MlflowRegistry } from './adapter.ts';
import { MlflowApi } from './api.ts';
import { ArtifactPlaces } from './open-artifacts.ts';

/** Opens a registered model on a tracking server: that of the URI, or for `mlflow:` alone MLFLOW_TRACKING_URI. */
export async function openMlflowRegistry(
  location: ModelLocation,
  options: RegistryOptions,
): Promise<Registry> {
  const { env, signal, progress, artifacts, now = () => new Date() } = options;
  const server =
    location.path === '' ? serverOfEnvironment(env) : parseServerAddress(location.path, 'registry');
  const wait =
    options.wait ?? ((milliseconds: number) => delay(milliseconds, undefined, signal ? { signal } : {}));
  const client = new TrackingClient(server, { env, signal, wait });
  const places = new ArtifactPlaces(client, { env, signal, wait, progress });
  return new MlflowRegistry(location, new MlflowApi(client), places, {
    artifacts,
    now,
    wait,
    signal,
    progress,
  });
}
