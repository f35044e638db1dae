/** A real PostgreSQL server on loopback, in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { freePort } from '../workflow/container-registry.ts';

const DEBIAN_FOLDER = '/usr/lib/postgresql';

/** Where `initdb` and `postgres` are; undefined where they are not installed. */
export const postgresqlPrograms = await findPrograms();

/** A test that fails where tests may not be skipped. */
export function requirePostgresql(): void {
  if (postgresqlPrograms || process.env.CI !== 'true') return;
  test('PostgreSQL is there', () => expect.fail(`No initdb below ${DEBIAN_FOLDER}`));
}

export interface PostgresqlServer {
  port: number;
  password: string;
  /** Runs statements as the superuser. */
  run(sql: string): void;
  close(): Promise<void>;
}

const START_MILLISECONDS = 60_000;

/** Every connection needs the password of the user `postgres`. */
export async function startPostgresql(): Promise<PostgresqlServer> {
  const programs = postgresqlPrograms!;
  const folder = await mkdtemp(join(tmpdir(), 'postgresql-'));
  const [port, password] = [await freePort(), "p'w %:1"];
  const file = join(folder, 'password');
  await writeFile(file, password);
  // PostgreSQL refuses to run as root.
  const account = accountOf();
  if (account) for (const path of [folder, file]) await chown(path, account.uid, account.gid);
  await chmod(folder, 0o700);
  const options = { cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' }, ...account };
  const data = join(folder, 'data');
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${file}`, '--no-sync', '-E', 'UTF8'],
    { ...options, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr || made.error?.message}`);
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${folder}`,
    'fsync=off',
  ];
  const child = spawn(join(programs, 'postgres'), ['-D', data, ...settings.flatMap((one) => ['-c', one])], {
    ...options,
    detached: true,
    stdio: 'ignore',
  });
  const ask = (sql: string) =>
    spawnSync(
      'psql',
      ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-v', 'ON_ERROR_STOP=1', '-q'],
      {
        env: { PATH: process.env.PATH, PGPASSWORD: password, PGCONNECT_TIMEOUT: '5' },
        input: sql,
        encoding: 'utf8',
      },
    );
  const close = async (): Promise<void> => {
    await endGroup(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await vi.waitFor(() => expect(ask('SELECT 1').stderr).toBe(''), {
      timeout: START_MILLISECONDS,
      interval: 50,
    });
  } catch (error) {
    await close();
    throw error;
  }
  const run = (sql: string): void => {
    const { status, stderr } = ask(sql);
    if (status !== 0) throw new Error(stderr);
  };
  return { port, password, run, close };
}

function accountOf(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const number = (flag: string): number =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: number('-u'), gid: number('-g') };
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}

async function findPrograms(): Promise<string | undefined> {
  const versions = await readdir(DEBIAN_FOLDER).catch(() => []);
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
    const folder = join(DEBIAN_FOLDER, version, 'bin');
    if (await readFile(join(folder, 'initdb')).catch(() => undefined)) return folder;
  }
  return undefined;
}
