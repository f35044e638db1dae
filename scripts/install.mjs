/**
 * Installs what the tests need and the machine lacks: npm packages into the clone, peers (oracles, registries,
 * checkers) into the user's cache folder, keyed by their pins. Plain JavaScript: it runs before anything is there.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const peers = JSON.parse(readFileSync(join(root, 'scripts/peers.json'), 'utf8'));
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mlops-actions', 'test-peers');

const say = (message) => process.stderr.write(`${message}\n`);
const hash = (text) => createHash('sha256').update(text).digest('hex').slice(0, 12);
const present = (program, path = process.env.PATH) =>
  path.split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));

function run(program, words, options = {}) {
  execFileSync(program, words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], ...options });
}

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
function installDebianPackages(missing) {
  const packages = Object.entries(peers.apt)
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

/** A virtual environment for these pins; one that an interrupted run left behind is made anew. */
function installPython(name, pins, { key = '', after = (_folder) => undefined } = {}) {
  const folder = join(cache, `${name}-${hash(JSON.stringify([pins, key]))}`);
  const marker = join(folder, '.complete');
  if (!existsSync(marker)) {
    say(`Installing ${pins.join(', ')} …`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(cache, { recursive: true });
    run('python3', ['-m', 'venv', folder]);
    run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...pins]);
    after(folder);
    writeFileSync(marker, '');
  }
  return join(folder, 'bin');
}

function installActionlint(folder) {
  let go = 'go';
  if (!present('go')) {
    run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', peers.go]);
    go = join(folder, 'bin/go');
  }
  run(go, ['install', peers.actionlint], { env: { ...process.env, GOBIN: join(folder, 'bin') } });
}

/** Installs everything and returns the environment in which the tests find it. */
export function install() {
  installPackages();
  const missing = [];
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}` };
  installDebianPackages(missing);
  if (spawnSync('python3', ['--version']).status === 0) {
    env.MLOPS_TEST_PYTHON = join(installPython('oracles', peers.oracles), 'python');
    env.MLOPS_TEST_TOOLS = installPython('tools', peers.tools, {
      key: peers.actionlint,
      after: installActionlint,
    });
  } else {
    missing.push('python3');
  }
  for (const name of missing) say(`Not here, so tests that need it are skipped: ${name}`);
  return env;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install();
