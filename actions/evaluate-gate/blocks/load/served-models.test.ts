import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../../../shared/http/fixed-rate.ts';
import { groupIsAlive } from '../../../../shared/programs/process-group.ts';
import { readBody, startLoopbackServer } from '../../../../shared/testing/loopback-server.ts';
import { silentLog } from '../../../../shared/testing/silent-log.ts';
import { measureServed, measureTargets, type ServableModel } from './served-models.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'served-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Moments are not waited for: what is tested is who is asked what, in which order. */
const hurrying: Clock = { now: () => 0, waitUntil: async (_, signal) => signal.throwIfAborted() };
const settings = { requestsPerSecond: 10, durationMs: 800, warmUpMs: 300, bodies: ['1', '2', '3'] };

describe('measureTargets', () => {
  test('warms both up, then asks them in turns with the same bodies', async () => {
    const asked: string[] = [];
    const servers = await Promise.all(
      ['A', 'B'].map((name) =>
        startLoopbackServer(async (request, response) => {
          asked.push(`${name}${await readBody(request)}`);
          response.end('{}');
        }),
      ),
    );
    const targets = servers.map(({ url }) => new URL('/invocations', url));
    const { samples } = await measureTargets(
      targets,
      settings,
      { log: silentLog, env: {}, signal: new AbortController().signal },
      hurrying,
    );
    await Promise.all(servers.map((server) => server.close()));
    expect(samples.map(({ answered, failures }) => [answered.length, failures])).toEqual([
      [8, 0],
      [8, 0],
    ]);
    // Requests of one turn are under way together, so their order within it is not fixed.
    const turns = [
      asked.slice(0, 3),
      asked.slice(3, 6),
      ...[6, 8, 10, 12, 14, 16, 18, 20].map((at) => asked.slice(at, at + 2)),
    ];
    expect(turns.map((turn) => turn.toSorted().join(' '))).toEqual([
      'A1 A2 A3',
      'B1 B2 B3',
      'A1 A2',
      'B1 B2',
      'B1 B3',
      'A1 A3',
      'A2 A3',
      'B2 B3',
      'B1 B2',
      'A1 A2',
    ]);
  });
});

describe('measureServed', () => {
  const server = (answer: string) =>
    `node -e 'require("http").createServer((q, r) => { q.resume(); ${answer} }).listen(process.env.PORT, "127.0.0.1"); require("fs").writeFileSync("group", String(process.pid))'`;
  const model = (answer: string): ServableModel => ({
    title: 'challenger',
    serveCommand: server(answer),
    modelFolder: folder,
    codeFolder: folder,
    bin: undefined,
  });
  const deps = (signal: AbortSignal) => ({
    log: silentLog,
    signal,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    now: () => new Date(),
    source: { repository: null, commit: null, runUrl: null },
    records: undefined as never,
    temporaryFolder: folder,
    cacheFolder: folder,
    saveState: () => undefined,
  });
  const short = { ...settings, requestsPerSecond: 200, durationMs: 50, warmUpMs: 5 };
  const groupEnded = async () => !groupIsAlive(Number(await readFile(join(folder, 'group'), 'utf8')));

  test('serves the model, counts its errors, and ends the server', async () => {
    const half = model(
      'r.statusCode = q.url === "/ping" || (globalThis.n = -(globalThis.n || 1)) < 0 ? 200 : 500; r.end("{}")',
    );
    const { samples } = await measureServed([half], short, deps(new AbortController().signal));
    expect(samples[0]).toMatchObject({ failures: 5 });
    expect(samples[0]!.answered).toHaveLength(5);
    expect(await groupEnded()).toBe(true);
  });

  test('ends the server when it is cancelled in between', async () => {
    const stop = new AbortController();
    const measured = measureServed(
      [model('if (q.url === "/ping") r.end(); else require("fs").writeFileSync("asked", "")')],
      { ...short, durationMs: 60_000 },
      { ...deps(stop.signal), log: { ...silentLog, progress: () => stop.abort(new Error('cancelled')) } },
    );
    await expect(measured).rejects.toThrow('cancelled');
    expect(await groupEnded()).toBe(true);
  });

  test('says whose server does not start, and ends the other', async () => {
    const champion = {
      ...model(''),
      title: 'champion',
      serveCommand: 'echo no such module; exit 3',
    } as const;
    await expect(
      measureServed([model('r.end()'), champion], short, deps(new AbortController().signal)),
    ).rejects.toThrow(/^The champion: the serve-command ended with exit status 3.*no such module/s);
    expect(await groupEnded()).toBe(true);
  });

  test('a server that dies while it is measured has errors, and is no reason to stop', async () => {
    await writeFile(join(folder, 'x'), '');
    const dying = model(
      'if (q.url === "/ping") r.end(); else if ((globalThis.n = (globalThis.n || 0) + 1) < 4) r.end("{}"); else process.exit(1)',
    );
    const { samples } = await measureServed([dying], short, deps(new AbortController().signal));
    expect(samples[0]!.failures).toBeGreaterThan(0);
    expect(samples[0]!.failures + samples[0]!.answered.length).toBe(10);
  });
});
