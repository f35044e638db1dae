import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../../../../shared/errors.ts';
import { openRuntimeApi } from './runtime-api.ts';

let folder: string;
let server: Server | undefined;
let asked: string[];

/** What HAProxy 2.6 answers, by command. */
const STATE = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_port
4 models 1 blue 127.0.0.1 2 4 10 2222
4 models 2 green 127.0.0.1 0 5 1 1
4 models 3 drained 10.0.0.7 2 8 0 8080
4 models 4 down 127.0.0.1 0 0 2 2223

`;
const STAT = `# pxname,svname,scur,econ,eresp,wretr,wredis,lbtot,hrsp_2xx,hrsp_4xx,hrsp_5xx,type,
models,blue,3,1,2,9,4,100,80,5,6,2,
models,green,0,,,,,,,,,2,
models,BACKEND,3,23,2,9,4,100,80,5,28,1,

`;
const INFO = 'Name: HAProxy\nVersion: 2.6.12\nPid: 1830\nUptime_sec: 2\nStart_time_sec: 1795768355\n\n';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runtime-api-'));
  asked = [];
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function open(answers: Record<string, string>) {
  const path = join(folder, 's.sock');
  server = createServer({ allowHalfOpen: true }, (connection) => {
    connection.once('data', (data) => {
      const command = data.toString().trim();
      asked.push(command);
      connection.end(answers[command] ?? '\n');
    });
    connection.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server!.listen(path, resolve));
  return openRuntimeApi(path, 0);
}

async function refusal(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => new Error('was not refused'),
    (caught: unknown) => caught,
  );
  if (error instanceof UserError) return error;
  throw error;
}

test('reads servers, their counters and which start of HAProxy they are of', async () => {
  const api = await open({
    'show servers state models': STATE,
    'show stat models 6 -1': STAT,
    'show info': INFO,
  });
  // Bit 4 says that the configuration disabled it once; the runtime has made it ready since.
  expect(await api.servers('models')).toEqual([
    { name: 'blue', address: '127.0.0.1', port: 2222, weight: 10, inMaintenance: false, isDown: false },
    { name: 'green', address: '127.0.0.1', port: 1, weight: 1, inMaintenance: true, isDown: false },
    { name: 'drained', address: '10.0.0.7', port: 8080, weight: 0, inMaintenance: true, isDown: false },
    { name: 'down', address: '127.0.0.1', port: 2223, weight: 2, inMaintenance: false, isDown: true },
  ]);
  expect(await api.counters('models')).toEqual({
    servers: [
      { name: 'blue', assigned: 100, refused: 5, failed: 6, broken: 7, inFlight: 3 },
      { name: 'green', assigned: 0, refused: 0, failed: 0, broken: 0, inFlight: 0 },
    ],
    // Of the 23 that were not connected one was given to a server.
    unserved: 22,
  });
  expect(await api.instance()).toBe('1830 1795768355');
});

test('an address may be new or not, and all else is taken in silence', async () => {
  const first = "no need to change the addr, port changed from '1' to '2222' by 'stats socket command'\n\n";
  const again = "no need to change the addr, no need to change the port by 'stats socket command'\n\n";
  for (const answer of [first, again]) {
    const api = await open({ 'set server models/blue addr 127.0.0.1 port 2222': answer });
    await api.setAddress('models/blue', '127.0.0.1', 2222);
    await api.setWeight('models/blue', 10);
    await api.setState('models/blue', 'ready');
    server!.close();
    server = undefined;
  }
  expect(asked.slice(1, 3)).toEqual([
    'set server models/blue weight 10',
    'set server models/blue state ready',
  ]);
});

test.each([
  ['Permission denied', 'haproxy-socket', 'level admin'],
  ['No such backend.', 'haproxy-backend', 'name of a backend'],
  ['No such server.', 'haproxy-socket', 'stats socket'],
  [
    'Backend is using a static LB algorithm and only accepts weights 0% and 100%.',
    'haproxy-backend',
    'balance roundrobin',
  ],
])('"%s" is refused', async (answer, key, fix) => {
  const api = await open({ 'set server models/blue weight 3': `${answer}\n\n` });
  const error = await refusal(api.setWeight('models/blue', 3));
  expect(error.message).toBe(`HAProxy refused "set server models/blue weight 3": ${answer}`);
  expect(error.where).toEqual({ key });
  expect(error.fix).toContain(fix);
});

test('a backend that does not exist is named in both ways that HAProxy has', async () => {
  const api = await open({
    'show servers state models': "Can't find backend.\n\n",
    'show stat models 6 -1': 'No such proxy.\n\n',
  });
  for (const work of [api.servers('models'), api.counters('models')]) {
    expect((await refusal(work)).where).toEqual({ key: 'haproxy-backend' });
  }
});

test('an address that it does not take is refused', async () => {
  const api = await open({ 'set server models/blue addr 127.0.0.1 port 2': 'Invalid port.\n' });
  expect((await refusal(api.setAddress('models/blue', '127.0.0.1', 2))).message).toContain('Invalid port.');
});

test('a place where nothing listens is named, and one that comes back is waited for', async () => {
  const path = join(folder, 's.sock');
  const error = await refusal(openRuntimeApi(path, 0).instance());
  expect(error.message).toBe(`HAProxy could not be reached at ${path}: ENOENT.`);
  const waiting = openRuntimeApi(path, 20_000).instance();
  await open({ 'show info': INFO });
  expect(await waiting).toBe('1830 1795768355');
});

test.each([
  ['resets the connection', (connection: Socket) => connection.resetAndDestroy()],
  ['says nothing', (connection: Socket) => connection.end()],
])('is asked again where a process that ends %s', async (_, end) => {
  let asked = 0;
  const tcp = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.once('data', () => {
      asked += 1;
      if (asked === 1) end(connection);
      else connection.end(INFO);
    });
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port } = tcp.address() as AddressInfo;
  try {
    expect(await openRuntimeApi(`127.0.0.1:${port}`).instance()).toBe('1830 1795768355');
    expect(asked).toBe(2);
  } finally {
    tcp.close();
  }
});

test('a port of TCP is one too', async () => {
  const tcp = createServer((connection) => connection.end(INFO));
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port } = tcp.address() as { port: number };
  expect(await openRuntimeApi(`127.0.0.1:${port}`, 0).instance()).toBe('1830 1795768355');
  tcp.close();
});
