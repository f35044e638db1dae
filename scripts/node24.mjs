/**
 * Finds Node 24, or fetches it: the actions run on Node 24, and many machines still have an older one. Plain
 * JavaScript for Node 18 and newer without any package, since it runs before anything is there.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const VERSION = '24.21.0';
/** npm's packages of Node's own builds, and what their tarballs hash to. */
const INTEGRITY = {
  'linux-x64':
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'linux-arm64':
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
};

/** Where engines, environments and Node are kept between runs; the actions use the same folder. */
export function cacheFolder(env = process.env) {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mlops-actions');
}

/**
 * @param {(message: string) => void} progress
 * @returns {Promise<string>} path of a Node 24 (or newer) executable: this process's own, or one fetched now or earlier.
 * @throws Error that tells a person to install Node 24, when there is no other way.
 */
export async function findNode24(progress) {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const integrity = INTEGRITY[platform];
  if (!integrity) throw new Error(`Node 24 is needed and this is ${process.version}. ${INSTALL}`);

  const folder = join(cacheFolder(), 'node', `${VERSION}-${platform}`, 'bin');
  const executable = join(folder, 'node');
  if (existsSync(executable)) return executable;

  const name = `node-${platform}`;
  const tarball = await download(name, progress);
  const found = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  if (found !== integrity) {
    throw new Error(`${name}@${VERSION} is not what was expected: it has ${found} instead of ${integrity}.`);
  }
  progress('unpacking Node');
  mkdirSync(folder, { recursive: true });
  // Renamed when it is whole: one that is interrupted leaves nothing that looks like Node, two at once agree.
  const partial = join(folder, `.partial-${process.pid}`);
  try {
    writeFileSync(partial, fileInTar(gunzipSync(tarball), 'package/bin/node'), { mode: 0o755 });
    const version = execFileSync(partial, ['--version'], { encoding: 'utf8' }).trim();
    if (version !== `v${VERSION}`) throw new Error(`it says it is ${version}`);
    renameSync(partial, executable);
  } catch (error) {
    throw new Error(`The fetched Node does not run on this machine (${error.message}). ${INSTALL}`);
  } finally {
    rmSync(partial, { force: true });
  }
  return executable;
}

const INSTALL = 'Install Node 24 (https://nodejs.org/en/download) and run this again.';

/** The tarball of a package from the registry that npm is set to. */
async function download(name, progress) {
  const registry = (process.env.npm_config_registry || 'https://registry.npmjs.org/').replace(/\/*$/, '');
  const address = `${registry}/${name}/-/${name}-${VERSION}.tgz`;
  try {
    return await fetchWithProgress(address, progress);
  } catch (error) {
    // npm knows what this process does not: proxies, certificates and accounts of its own configuration.
    progress(`fetching Node ${VERSION} through npm (${error.cause?.message ?? error.message})`);
    try {
      return packWithNpm(name);
    } catch {
      throw new Error(
        `Node ${VERSION} could not be fetched from ${address}: ${error.cause?.message ?? error.message}. ${INSTALL}`,
      );
    }
  }
}

async function fetchWithProgress(address, progress) {
  const response = await fetch(address);
  if (!response.ok || !response.body) throw new Error(`the registry answered ${response.status}`);
  const total = Number(response.headers.get('content-length')) / 1e6;
  const chunks = [];
  let megabytes = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    const before = Math.floor(megabytes);
    megabytes += chunk.length / 1e6;
    if (Math.floor(megabytes) > before)
      progress(
        `fetching Node ${VERSION}: ${megabytes.toFixed(0)}${total ? ` of ${total.toFixed(0)}` : ''} MB`,
      );
  }
  return Buffer.concat(chunks);
}

function packWithNpm(name) {
  const folder = mkdtempSync(join(tmpdir(), 'node-24-'));
  try {
    const words = ['pack', `${name}@${VERSION}`, '--silent', '--pack-destination', folder];
    const npm = process.env.npm_execpath;
    if (npm) execFileSync(process.execPath, [npm, ...words], { stdio: 'ignore', cwd: folder });
    else execFileSync('npm', words, { stdio: 'ignore', cwd: folder });
    return readFileSync(
      join(
        folder,
        readdirSync(folder).find((file) => file.endsWith('.tgz')),
      ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One regular file's bytes. A tar is blocks of 512 bytes: a header with name (0) and octal size (124), then the file. */
function fileInTar(tar, wanted) {
  for (let offset = 0; offset + 512 <= tar.length; ) {
    const text = (start, length) =>
      tar.toString('utf8', offset + start, offset + start + length).split('\0')[0];
    const size = Number.parseInt(text(124, 12).trim() || '0', 8);
    if (text(0, 100) === wanted) return tar.subarray(offset + 512, offset + 512 + size);
    offset += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`there is no ${wanted} in it`);
}
