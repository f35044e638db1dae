/** The user's cache folder of peers: virtual environments and other folders, each made once and keyed by its pins. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mlops-actions', 'test-peers');
export const peers = JSON.parse(readFileSync(join(root, 'scripts/peers.json'), 'utf8'));

export const say = (message) => process.stderr.write(`${message}\n`);
export const hash = (text) => createHash('sha256').update(text).digest('hex').slice(0, 12);
export const present = (program, path = process.env.PATH) =>
  path.split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));

export function run(program, words, options = {}) {
  execFileSync(program, words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], ...options });
}

/** A folder that is made once; one that an interrupted run left behind is made anew. */
function complete(name, make) {
  const folder = join(cache, name);
  const marker = join(folder, '.complete');
  if (existsSync(marker)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  make(folder);
  writeFileSync(marker, '');
  return folder;
}

/** uv installs an environment in a sixth of the time that pip takes, which installs uv. */
function uv() {
  const folder = complete(peers.uv.replace('==', '-'), (made) => {
    run('python3', ['-m', 'venv', made]);
    run(join(made, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', peers.uv]);
  });
  return join(folder, 'bin/uv');
}

/**
 * The folder of programs of a virtual environment with these pins. What they need in turn is the newest of the day that
 * `peers.json` names, so that an environment is the same whenever it is made.
 */
export function installPython(name, pins, { key = '', after = (_folder) => undefined } = {}) {
  const folder = complete(`${name}-${hash(JSON.stringify([pins, peers.day, key]))}`, (made) => {
    say(`Installing ${pins.join(', ')} …`);
    run(uv(), ['venv', '--quiet', '--allow-existing', '--no-python-downloads', '--python', 'python3', made]);
    addPins(made, pins);
    after(made);
  });
  return join(folder, 'bin');
}

/**
 * The interpreter of an environment that tests start by the dozen, with its packages compiled: half a minute once. uv does
 * not compile, and a Python that may not write its cache takes seconds each time.
 * @returns its path.
 */
export function installInterpreter(name, pins) {
  const programs = installPython(name, pins);
  const [folder, python] = [join(programs, '..'), join(programs, 'python')];
  const marker = join(folder, '.compiled');
  if (existsSync(marker)) return python;
  say(`Compiling the packages of ${name} …`);
  // What cannot be compiled, such as a template of a module, is not imported either.
  spawnSync(python, ['-m', 'compileall', '-q', '-j', '0', join(folder, 'lib')]);
  writeFileSync(marker, '');
  return python;
}

export function addPins(folder, pins) {
  run(uv(), ['pip', 'install', '--quiet', '--exclude-newer', peers.day, '--python', folder, ...pins]);
}

/** The folder of programs of an npm package, apart from the project's own packages. */
export function installNpm(name, pin) {
  const folder = complete(`${name}-${hash(pin)}`, (made) => {
    say(`Installing ${pin} …`);
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    run('npm', ['install', ...quiet, '--prefix', made, pin], { cwd: made });
  });
  return join(folder, 'node_modules/.bin');
}

/** A program written in Go, under its own name; where the machine has no Go, one comes along. */
export function installGo(name, pin) {
  const folder = complete(`${name}-${hash(pin)}`, (made) => {
    say(`Building ${pin}, which takes minutes …`);
    run(goProgram(), ['install', pin], { env: { ...process.env, GOBIN: made } });
  });
  return join(folder, name);
}

/** A program written in Go whose source is a module in the clone; `go.sum` pins what it needs. */
export function buildGo(name, source) {
  const files = ['main.go', 'go.mod', 'go.sum'].map((file) => readFileSync(join(root, source, file), 'utf8'));
  const folder = complete(`${name}-${hash(files.join(''))}`, (made) => {
    say(`Building ${source} …`);
    const words = ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(made, name), '.'];
    run(goProgram(), words, { cwd: join(root, source) });
  });
  return join(folder, name);
}

function goProgram() {
  return present('go') ? 'go' : join(installPython('go', [peers.go]), 'go');
}
