/**
 * Installs what the tests need and the machine lacks: npm packages into the clone, peers (oracles, registries,
 * checkers) into the user's cache folder. Plain JavaScript: it runs before anything is there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  addPins,
  buildGo,
  hash,
  installGo,
  installInterpreter,
  installNpm,
  installPython,
  peers,
  present,
  run,
  say,
} from './peers-cache.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** `npm ci`, unless the lock file that is installed is the one that is here. */
function installPackages() {
  const stamp = join(root, 'node_modules/.installed-lock');
  const wanted = hash(readFileSync(join(root, 'package-lock.json')));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing npm packages (about half a minute) …');
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}

/** Debian's packages, where the machine is Debian and we may install. */
function installDebianPackages(missing, wanted = peers.apt) {
  const packages = Object.entries(wanted)
    .filter(([program]) => !present(program))
    .map(([, name]) => name);
  if (packages.length === 0) return;
  if (!present('apt-get') || process.getuid?.() !== 0) {
    missing.push(`${packages.join(', ')} (install them with your system's package manager)`);
    return;
  }
  say(`Installing ${packages.join(', ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env });
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
}

function installActionlint(folder) {
  let go = 'go';
  if (!present('go')) {
    addPins(folder, [peers.go]);
    go = join(folder, 'bin/go');
  }
  run(go, ['install', peers.actionlint], { env: { ...process.env, GOBIN: join(folder, 'bin') } });
}

/** Each tool by itself, so that one that cannot be had leaves the others. */
function installer(env, missing) {
  return (name, where) => {
    try {
      env[`MLOPS_TEST_${name.replaceAll('-', '_').toUpperCase()}`] = where();
    } catch {
      missing.push(`${name}, which could not be installed`);
    }
  };
}

/** A client of registries, and a registry with the referrers API. */
function installRegistries(env, missing) {
  const install = installer(env, missing);
  install('oras', () => installGo('oras', peers.oras));
  install('oci-registry', () => buildGo('oci-registry', 'action-test/peers/oci-registry'));
}

/** Each in an environment of its own, since they want different versions of pandas. */
function installEnvironments(environments, env, missing) {
  const install = installer(env, missing);
  for (const [name, pins] of Object.entries(environments)) {
    install(name, () => join(installPython(name, pins), 'python'));
  }
}

function installHeavy(env, missing) {
  installDebianPackages(missing, peers.heavy.apt);
  installEnvironments(peers.heavy.python, env, missing);
  const install = installer(env, missing);
  for (const [name, pin] of Object.entries(peers.heavy.npm)) install(name, () => installNpm(name, pin));
  for (const [name, pin] of Object.entries(peers.heavy.go)) install(name, () => installGo(name, pin));
  // Eight minutes of two cores, once.
  for (const [name, source] of Object.entries(peers.heavy['go-build']))
    install(name, () => buildGo(name, source));
}

/** Adds to the environment where the tests find their peers. */
export function installPeers(env, { heavy = false, dataTools = heavy } = {}) {
  const missing = [];
  installDebianPackages(missing);
  if (spawnSync('python3', ['--version']).status === 0) {
    env.MLOPS_TEST_PYTHON = installInterpreter('oracles', peers.oracles);
    env.MLOPS_TEST_MLFLOW = installInterpreter('mlflow', peers.mlflow);
    env.MLOPS_TEST_MINISTACK = installInterpreter('ministack', peers.ministack);
    env.MLOPS_TEST_MOTO = installInterpreter('moto', peers.moto);
    const checkers = { key: peers.actionlint, after: installActionlint };
    env.MLOPS_TEST_TOOLS = installPython('tools', peers.tools, checkers);
    installRegistries(env, missing);
    if (dataTools) installEnvironments(peers['data-tools'], env, missing);
    if (heavy) installHeavy(env, missing);
  } else {
    missing.push('python3');
  }
  for (const name of missing) say(`Not here, so tests that need it are skipped: ${name}`);
  return env;
}

/** Installs everything and returns the environment in which the tests find it. */
export function install(options) {
  installPackages();
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}` };
  return installPeers(env, options);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install({ heavy: process.argv.includes('--heavy') });
