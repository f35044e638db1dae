import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { describeUserError, UserError } from '../errors.ts';
import { downloadBytes } from './download.ts';
import {
  currentPlatform,
  ENGINE_VERSION,
  type EnginePackage,
  enginePackage,
  tarballUrl,
} from './engine-packages.ts';
import { readTarball } from './tarball.ts';

export interface EngineInstallOptions {
  /** Tool cache: RUNNER_TOOL_CACHE on a runner. */
  cacheFolder: string;
  /** Read: MLOPS_DUCKDB_PATH, npm_config_registry and the proxy variables. */
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  progress?: (message: string) => void;
  /** For tests: another platform's package, and where an installed package is looked for. */
  platform?: string;
  package?: EnginePackage;
  findInstalled?: (engine: EnginePackage) => string | undefined;
}

const LIBRARY = 'duckdb.node';
const LEFTOVER_AGE_MILLISECONDS = 60 * 60 * 1000;

/**
 * The path of DuckDB's native library, from the first place that has it: MLOPS_DUCKDB_PATH, node_modules, the tool
 * cache, the npm registry. What the registry sends is hashed before anything is unpacked, unpacked beside its place
 * and renamed into it, so that racing and interrupted processes leave either the whole library or none.
 * @throws UserError that says how to provide the library beforehand.
 */
export async function locateEngineLibrary(options: EngineInstallOptions): Promise<string> {
  const given = options.env.MLOPS_DUCKDB_PATH;
  if (given) return givenLibrary(given);
  const platform = options.platform ?? currentPlatform();
  const engine = options.package ?? enginePackage(platform);
  if (!engine)
    throw new UserError(`DuckDB publishes no library for ${platform}`, { fix: seedingHint(undefined) });
  const installed = (options.findInstalled ?? findInNodeModules)(engine);
  if (installed) return installed;
  const folder = join(options.cacheFolder, 'duckdb-node', engine.version, platform);
  const cached = join(folder, LIBRARY);
  if (!existsSync(cached)) await install(engine, folder, options);
  return cached;
}

async function install(engine: EnginePackage, folder: string, options: EngineInstallOptions): Promise<void> {
  const archive = await download(engine, folder, options);
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  if (integrity !== engine.integrity) {
    throw new UserError(
      `${engine.name}@${engine.version} from the npm registry is not the package that this version was made with: its sha512 differs`,
      { fix: 'Ask who runs the registry why it changes packages; nothing was unpacked.' },
    );
  }
  await mkdir(dirname(folder), { recursive: true });
  await removeLeftovers(dirname(folder));
  const temporary = join(dirname(folder), `.${basename(folder)}-${randomUUID()}`);
  try {
    await mkdir(temporary);
    for (const file of readTarball(archive)) {
      const name = file.path.replace(/^package\//, '');
      await mkdir(dirname(join(temporary, name)), { recursive: true });
      await writeFile(join(temporary, name), file.bytes);
    }
    if (!existsSync(join(temporary, LIBRARY))) throw new Error(`${engine.name} holds no ${LIBRARY}`);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another process was faster: its folder came by the same rename, so it is whole.
    if (!existsSync(join(folder, LIBRARY))) throw error;
  }
}

async function download(
  engine: EnginePackage,
  folder: string,
  options: EngineInstallOptions,
): Promise<Uint8Array> {
  const { env, signal, progress } = options;
  const registry = env.npm_config_registry || env.NPM_CONFIG_REGISTRY || 'https://registry.npmjs.org';
  const url = tarballUrl(registry, engine);
  progress?.(`Fetching the data engine (DuckDB ${engine.version}) from ${new URL(url).host}`);
  try {
    return await downloadBytes(url, {
      env,
      signal,
      onBytes: (received, total) =>
        progress?.(`Fetching the data engine: ${megabytes(received)} of ${megabytes(total)}`),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `The data engine is not on this machine and could not be fetched. ${describeUserError(error)}`,
      {
        fix: seedingHint(folder, url),
        cause: error,
      },
    );
  }
}

function givenLibrary(given: string): string {
  const path = basename(given) === LIBRARY ? given : join(given, LIBRARY);
  if (existsSync(path)) return path;
  throw new UserError(`MLOPS_DUCKDB_PATH names ${given}, but there is no ${LIBRARY}`, {
    where: { key: 'MLOPS_DUCKDB_PATH' },
    fix: `Set it to the folder that holds ${LIBRARY} and libduckdb of version ${ENGINE_VERSION}.`,
  });
}

function findInNodeModules(engine: EnginePackage): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const manifest: unknown = require(`${engine.name}/package.json`);
    const isSame = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
    if (!isSame || manifest.version !== engine.version) return undefined;
    return require.resolve(`${engine.name}/${LIBRARY}`);
  } catch {
    return undefined;
  }
}

/** Removes what killed processes left behind; a folder younger than an hour may still be in use. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('.')) continue;
    const path = join(folder, name);
    const age = Date.now() - (await stat(path).then((found) => found.mtimeMs, Date.now));
    if (age > LEFTOVER_AGE_MILLISECONDS) await rm(path, { recursive: true, force: true });
  }
}

function seedingHint(folder: string | undefined, url?: string): string {
  const unpack = url && folder ? `Unpack ${url} (its folder "package") as ${folder}, or set` : 'Set';
  return `${unpack} MLOPS_DUCKDB_PATH to a folder that holds ${LIBRARY} and libduckdb of version ${ENGINE_VERSION}; or set npm_config_registry to a registry that this machine reaches.`;
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? 'an unknown size' : `${(bytes / 1e6).toFixed(1)} MB`;
}
