/** The script of a machine, run by bash with a few programs in the place of the system's. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { machineScript } from './user-data.ts';

const run = promisify(execFile);
const CONFIGURATION = 'eyJhIjoi-it\'s "$(touch owned)" `secret`';

const whereIs = async (name: string) => (await run('bash', ['-c', `command -v ${name}`])).stdout.trim();

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-'));
  await mkdir(join(folder, 'bin'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Those of the system that it may use: it must be able to reach no other, since it runs as root and powers off. */
const SYSTEM = ['bash', 'mkdir', 'tar', 'gzip', 'sha256sum', 'touch', 'cp', 'env', 'chmod', 'cut', 'rm'];
/** Programs of the machine: each writes its words to the log. `sleep` takes no time. */
const PROGRAMS: Record<string, string> = {
  shutdown: 'note shutdown "$@"; [ "$2" = now ] && touch "$WORLD/off"; exit 0',
  'systemd-run': 'note systemd-run "$@"',
  systemctl: 'note systemctl "$@"; touch "$WORLD/off"',
  poweroff: 'note poweroff "$@"; touch "$WORLD/off"',
  curl: 'note curl "$@"; while [ "$1" != --output ]; do shift; done; cp "$WORLD/release.tar.gz" "$2"',
  id: 'exit 0',
  useradd: 'note useradd "$@"',
  usermod: 'note usermod "$@"',
  getent: '[ "$1" = passwd ] && echo "runner:x:1000:1000::$WORLD/home:/bin/bash"',
  chown: 'note chown "$@"',
  sync: 'exit 0',
  pgrep: '[ -e "$WORLD/worker" ]',
  sleep: 'exec /bin/sleep 0.001',
  runuser: 'note runuser "$1" "$2"; shift 3; exec "$@"',
};
/** The runner's program: takes its job at once, and ends with it. */
const TAKES_JOB = 'note run.sh "$@"; note user "$USER $HOME"; "$ACTIONS_RUNNER_HOOK_JOB_STARTED"; exit 0';
const UNTIL_OFF = 'while [ ! -e "$WORLD/off" ]; do /bin/sleep 0.005; done';

interface Played {
  log: string[];
  /** What stands on the console. */
  printed: string;
  isOff: boolean;
}

async function play(
  runner: string,
  options: { programs?: Record<string, string>; sha256?: string; inImage?: boolean } = {},
): Promise<Played> {
  const preamble = '#!/bin/bash\nnote() { printf "%s\\n" "$*" >>"$WORLD/log"; }\n';
  const place = async (path: string, body: string) => {
    await writeFile(path, `${preamble}${body}\n`);
    await chmod(path, 0o755);
  };
  for (const [name, body] of Object.entries({ ...PROGRAMS, ...options.programs }))
    await place(join(folder, 'bin', name), body);
  for (const name of SYSTEM) await symlink(await whereIs(name), join(folder, 'bin', name));
  const home = join(folder, 'runner');
  const release = join(folder, options.inImage ? 'runner' : 'release');
  await mkdir(release);
  await place(join(release, 'run.sh'), runner);
  await run('tar', ['-czf', join(folder, 'release.tar.gz'), '-C', release, '.']);
  const bytes = await readFile(join(folder, 'release.tar.gz'));
  const sha256 = options.sha256 ?? createHash('sha256').update(bytes).digest('hex');
  const text = machineScript({
    download: { url: 'https://github.test/runner.tar.gz', sha256 },
    ...{ configuration: CONFIGURATION, lifetimeMinutes: 90.5, idleMinutes: 3, folder: home },
    path: join(folder, 'bin'),
  });
  await writeFile(join(folder, 'script.sh'), text);
  await run('bash', ['-n', join(folder, 'script.sh')]);
  const env = { PATH: join(folder, 'bin'), WORLD: folder };
  const { stdout, stderr } = await run(await whereIs('bash'), [join(folder, 'script.sh')], {
    cwd: folder,
    env,
  }).catch((error: { stdout: string; stderr: string }) => error);
  const exists = (path: string) =>
    readFile(path).then(
      () => true,
      () => false,
    );
  const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
  expect(await exists(join(folder, 'owned')), 'the configuration was run as a program').toBe(false);
  return {
    log: log.trimEnd().split('\n'),
    printed: stdout + stderr,
    isOff: await exists(join(folder, 'off')),
  };
}

const ARMED = [
  'shutdown -P +91',
  'systemd-run --unit=mlops-runner-end --on-active=91min --timer-property=AccuracySec=10s systemctl poweroff --force',
];

describe('the script of a machine', () => {
  test('arms two timers first, runs one job as a user of its own, and powers off', async () => {
    const { log, printed, isOff } = await play(TAKES_JOB);
    expect(log.slice(0, 2)).toEqual(ARMED);
    expect(log[2]).toMatch(/^curl .*https:\/\/github\.test\/runner\.tar\.gz$/);
    expect(log).toContain(`run.sh --jitconfig ${CONFIGURATION}`);
    expect(log).toContain('runuser -u runner');
    expect(log).toContain(`user runner ${folder}/home`);
    expect(log.at(-1)).toBe('shutdown -P now');
    expect(isOff).toBe(true);
    expect(printed).not.toContain('eyJ');
    expect(printed).toContain('mlops-runner: the runner ended with status 0');
  });

  test('uses the runner of the image where there is one', async () => {
    const { log } = await play(TAKES_JOB, { inImage: true });
    expect(log.some((line) => line.startsWith('curl'))).toBe(false);
    expect(log).toContain(`run.sh --jitconfig ${CONFIGURATION}`);
    expect(log.at(-1)).toBe('shutdown -P now');
  });

  test('powers off after a runner that fails', async () => {
    const { printed, isOff } = await play('exit 7');
    expect(printed).toContain('the runner ended with status 7');
    expect(isOff).toBe(true);
  });

  test('powers off when no job comes', async () => {
    const { log, printed } = await play(`note run.sh; ${UNTIL_OFF}`);
    expect(log.filter((line) => line === 'shutdown -P now').length).toBeGreaterThan(0);
    expect(printed).toContain('ends this machine: no job came within 3 minutes');
  });

  test.each([
    ['the hook of the runner tells of the job', '"$ACTIONS_RUNNER_HOOK_JOB_STARTED"'],
    ['only the process of the job is seen', 'touch "$WORLD/worker"'],
  ])('lets a job run past the time in which it had to come: %s', async (_, begin) => {
    // Eighteen pauses of ten seconds are the three minutes; the job is longer than many of them.
    const { log, printed } = await play(`${begin}; /bin/sleep 0.5; note job done; exit 0`);
    expect(printed).not.toContain('no job came');
    expect(log.indexOf('job done')).toBeGreaterThan(0);
    expect(log.indexOf('shutdown -P now')).toBeGreaterThan(log.indexOf('job done'));
  });

  test('powers off when the runner cannot be downloaded', async () => {
    const { log, printed } = await play(TAKES_JOB, { programs: { curl: 'note curl "$@"; exit 22' } });
    expect(log.some((line) => line.startsWith('run.sh'))).toBe(false);
    expect(log.at(-1)).toBe('shutdown -P now');
    expect(printed).toContain('the runner cannot be downloaded');
  });

  test('runs nothing whose checksum is another', async () => {
    const { log, printed } = await play(TAKES_JOB, { sha256: 'a'.repeat(64) });
    expect(log.some((line) => line.startsWith('run.sh'))).toBe(false);
    expect(log.at(-1)).toBe('shutdown -P now');
    expect(printed).toContain('its checksum is another');
  });

  test('goes on with one timer, and runs no job without any', async () => {
    const one = await play(TAKES_JOB, { programs: { 'systemd-run': 'note systemd-run; exit 1' } });
    expect(one.log).toContain(`run.sh --jitconfig ${CONFIGURATION}`);
    expect(one.printed).toContain('(1 timers)');
    await rm(folder, { recursive: true });
    await mkdir(join(folder, 'bin'), { recursive: true });
    const fails = 'note "$0"; exit 1';
    const none = await play(TAKES_JOB, { programs: { 'systemd-run': fails, shutdown: fails } });
    expect(none.log.some((line) => line.startsWith('run.sh'))).toBe(false);
    expect(none.log.at(-1)).toBe('systemctl poweroff --force');
    expect(none.isOff).toBe(true);
  });

  test('powers off when it is told to end', async () => {
    const { log } = await play('kill -TERM "$PPID"; /bin/sleep 0.2');
    expect(log.at(-1)).toBe('shutdown -P now');
  });
});
