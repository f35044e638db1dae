import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../test-engine.ts';
import { postgresqlAddress } from './postgresql-address.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({ HOME: folder.path, ...more });

describe('the address', () => {
  test('is read whole, and named without user and password', async () => {
    expect(
      await postgresqlAddress(
        'postgresql://me%40x:p%23w@db.example.com:6000/sales?sslmode=disable#public.r',
        env(),
      ),
    ).toEqual({
      ...{ host: 'db.example.com', port: 6000, user: 'me@x', database: 'sales', password: 'p#w' },
      ...{ writtenPassword: 'p%23w', table: 'public.r', name: 'postgresql://db.example.com:6000/sales' },
    });
  });

  test("falls back on libpq's variables", async () => {
    const variables = {
      PGHOST: 'h',
      PGPORT: '7',
      PGUSER: 'u',
      PGDATABASE: 'd',
      PGPASSWORD: 'p',
      PGSSLMODE: 'disable',
    };
    expect(await postgresqlAddress('postgresql:///#t', env(variables))).toEqual({
      ...{
        host: 'h',
        port: 7,
        user: 'u',
        database: 'd',
        password: 'p',
        table: 't',
        name: 'postgresql://h:7/d',
      },
    });
  });

  test.each([
    ['postgresql://h/d?statement_timeout=5', /setting statement_timeout/],
    ['postgresql://h/d?sslmode=maybe', /no sslmode "maybe"/],
    ['postgresql://h:port/d', /no address of a database/],
    ['postgresql://u:p%@h/d', /stands for no character/],
  ])('%s is an error', async (address, message) => {
    const failure = await postgresqlAddress(address, env()).catch((error: Error) => error);
    expect(String(failure)).toMatch(message);
    expect(String(failure)).not.toContain('p%');
  });
});

describe('encryption', () => {
  const tls = async (address: string): Promise<unknown> => (await postgresqlAddress(address, env())).tls;

  test('is not asked for on this machine, and is elsewhere', async () => {
    expect(await tls('postgresql://localhost/d')).toBeUndefined();
    expect(await tls('postgresql://127.0.0.1/d')).toBeUndefined();
    expect(await tls('postgresql://db/d')).toEqual({ rejectUnauthorized: false, servername: 'db' });
    expect(await tls('postgresql://db/d?sslmode=disable')).toBeUndefined();
  });

  test('verifies as the mode says', async () => {
    expect(await tls('postgresql://db/d?sslmode=verify-full')).toEqual({
      rejectUnauthorized: true,
      servername: 'db',
    });
    expect(await tls('postgresql://db/d?sslmode=verify-ca')).toMatchObject({
      checkServerIdentity: expect.any(Function),
    });
    const ca = folder.file('ca.pem', 'authority');
    expect(await tls(`postgresql://db/d?sslmode=require&sslrootcert=${ca}`)).toMatchObject({
      rejectUnauthorized: true,
      ca: 'authority',
    });
  });
});

describe('the password file', () => {
  test('gives the first line that fits, escapes undone', async () => {
    const file = folder.file('pass', '# mine\nother:*:*:*:wrong\ndb:5432:*:me:a\\:b\\\\c\n*:*:*:*:last\n');
    chmodSync(file, 0o600);
    const of = async (address: string) =>
      (await postgresqlAddress(address, env({ PGPASSFILE: file }))).password;
    expect(await of('postgresql://me@db/d')).toBe('a:b\\c');
    expect(await of('postgresql://you@db/d')).toBe('last');
    expect(await of('postgresql://me:own@db/d')).toBe('own');
  });

  test('is refused where others can read it', async () => {
    const file = folder.file('open', '*:*:*:*:p\n');
    chmodSync(file, 0o644);
    await expect(postgresqlAddress('postgresql://db/d', env({ PGPASSFILE: file }))).rejects.toThrow(
      /read by others/,
    );
  });
});
