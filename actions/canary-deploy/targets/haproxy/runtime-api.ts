/** HAProxy's runtime API: one command a connection, over its stats socket. */
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../../../shared/errors.ts';

const ANSWER_TIMEOUT_MS = 5_000;
const PATIENCE_MS = 5_000;
const PAUSE_MS = 100;
const LARGEST_ANSWER = 10_000_000;
/**
 * Bits of a server's administrative state by which it gets no new requests: maintenance and draining, each asked for,
 * inherited or for want of a name. Bit 4, of the configuration, stays when it was made ready since, and says nothing.
 */
const TAKEN_OUT = 0x7b;

/** What says of a server that its health check has failed. */
const STOPPED = '0';
/** Rows of a backend, and of it and its servers. */
const BACKEND_ROW = '1';
const BACKEND_AND_SERVERS = 2 | 4;

/** What one server of a backend is and has counted. */
export interface ServerState {
  name: string;
  address: string;
  port: number;
  /** 0 to 256: its part of the sum of all of the backend. */
  weight: number;
  /** Taken out by a person or by us, so that no request is given to it. */
  inMaintenance: boolean;
  /** Not taken out, and its health check fails, so that no request is given to it either. */
  isDown: boolean;
}

export interface ServerCounters {
  name: string;
  /** Requests given to it. */
  assigned: number;
  /** Answers of 4xx and of 5xx. */
  refused: number;
  failed: number;
  /** Without a whole answer: it could not be reached (whether another server then answered or not), or broke off. */
  broken: number;
  /** Under way. */
  inFlight: number;
}

export interface BackendCounters {
  servers: ServerCounters[];
  /** Requests that no server was there for: HAProxy answers 503 itself, and no server counts it. */
  unserved: number;
}

export interface RuntimeApi {
  /** For people. */
  place: string;
  servers(backend: string): Promise<ServerState[]>;
  counters(backend: string): Promise<BackendCounters>;
  /** Which start of HAProxy this is: its counters begin anew with each. */
  instance(): Promise<string>;
  setAddress(server: string, address: string, port: number): Promise<void>;
  setWeight(server: string, weight: number): Promise<void>;
  setState(server: string, state: 'ready' | 'maint'): Promise<void>;
}

/**
 * @param socket path of a unix socket, or `host:port`; with `level admin`.
 * @param patienceMs so long it may be away. Every call rejects with a UserError when it is away for longer or refuses.
 */
export function openRuntimeApi(socket: string, patienceMs = PATIENCE_MS): RuntimeApi {
  const ask = (command: string) => askPatiently(socket, command, patienceMs);
  const set = async (command: string, isDone: (answer: string) => boolean): Promise<void> => {
    const answer = (await ask(command)).trim();
    if (!isDone(answer)) throw refused(command, answer);
  };
  const isSilent = (answer: string): boolean => answer === '';
  return {
    place: `HAProxy at ${socket}`,
    async servers(backend) {
      const [, header = '', ...lines] = linesOf(await ask(`show servers state ${backend}`), '1');
      return rowsOf(header, lines, ' ').map((row) => {
        const inMaintenance = (Number(row.srv_admin_state) & TAKEN_OUT) !== 0;
        return {
          name: row.srv_name ?? '',
          address: row.srv_addr ?? '',
          port: Number(row.srv_port),
          weight: Number(row.srv_uweight),
          inMaintenance,
          isDown: !inMaintenance && row.srv_op_state === STOPPED,
        };
      });
    },
    async counters(backend) {
      const command = `show stat ${backend} ${BACKEND_AND_SERVERS} -1`;
      const [header = '', ...lines] = linesOf(await ask(command), '# pxname');
      const rows = rowsOf(header, lines, ',');
      const number = (row: Record<string, string>, key: string): number => Number(row[key] || 0);
      // A request that cannot be connected counts at its server and at the backend; without a server, here alone.
      const own = (row: Record<string, string>) => (row.type === BACKEND_ROW ? 1 : -1) * number(row, 'econ');
      return {
        servers: rows
          .filter(({ type }) => type !== BACKEND_ROW)
          .map((row) => ({
            name: row.svname ?? '',
            assigned: number(row, 'lbtot'),
            refused: number(row, 'hrsp_4xx'),
            failed: number(row, 'hrsp_5xx'),
            broken: number(row, 'econ') + number(row, 'wredis') + number(row, 'eresp'),
            inFlight: number(row, 'scur'),
          })),
        // The rows are not read at one moment.
        unserved: Math.max(
          0,
          rows.reduce((sum, row) => sum + own(row), 0),
        ),
      };
    },
    async instance() {
      const lines = linesOf(await ask('show info'), 'Name:');
      const value = (key: string) => lines.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2);
      return `${value('Pid')} ${value('Start_time_sec') ?? value('Uptime')}`;
    },
    setAddress: (server, address, port) =>
      set(`set server ${server} addr ${address} port ${port}`, (answer) =>
        /(changed from|no need to change)/.test(answer),
      ),
    setWeight: (server, weight) => set(`set server ${server} weight ${weight}`, isSilent),
    setState: (server, state) => set(`set server ${server} state ${state}`, isSilent),
  };
}

/** The lines of an answer to `show`. @throws UserError when it does not begin as it should. */
function linesOf(answer: string, start: string): string[] {
  const lines = answer.trim().split('\n');
  if (!lines[0]?.startsWith(start)) throw refused('show', answer.trim().split('\n')[0] ?? '');
  return lines.filter((line) => line.trim() !== '');
}

function rowsOf(header: string, lines: readonly string[], separator: string): Record<string, string>[] {
  const names = header.replace(/^# /, '').split(separator);
  return lines.map((line) => {
    const cells = line.split(separator);
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

function refused(command: string, answer: string): UserError {
  const [, key, fix] = REFUSALS.find(([said]) => said.test(answer)) ?? OTHER_REFUSAL;
  return new UserError(`HAProxy refused "${command}": ${answer.slice(0, 300) || 'it said nothing'}`, {
    where: { key },
    fix,
  });
}

const REFUSALS: (readonly [said: RegExp, key: string, fix: string])[] = [
  [/permission denied/i, 'haproxy-socket', 'Write "level admin" at the stats socket.'],
  [
    /No such (backend|proxy)|Can't find backend/i,
    'haproxy-backend',
    'Give the name of a backend as its configuration has it.',
  ],
  [
    /static LB algorithm/i,
    'haproxy-backend',
    'Write "balance roundrobin" in the backend: static-rr and the like take no weights at run time.',
  ],
];
const OTHER_REFUSAL = [
  /./,
  'haproxy-socket',
  'Check that it is a stats socket with "level admin", of HAProxy 2.4 or later.',
] as const;

/** What the socket of a process says that ends, and of one that has not begun. */
const GOING_OR_COMING = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/**
 * HAProxy that is being started again is waited for. A command that the old process may have taken is sent again: each
 * says how things are to be, not how they are to change.
 */
async function askPatiently(socket: string, command: string, patienceMs: number): Promise<string> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const answer = await askOnce(socket, command);
    if (typeof answer === 'string') return answer;
    if (answer.mayReturn && performance.now() < end) {
      await delay(PAUSE_MS);
      continue;
    }
    throw new UserError(`HAProxy could not be reached at ${socket}: ${answer.why}.`, {
      where: { key: 'haproxy-socket' },
      fix: 'Check that it runs, that "stats socket" names this place, and that this user may use it.',
    });
  }
}

async function askOnce(
  socket: string,
  command: string,
): Promise<string | { why: string; mayReturn: boolean }> {
  const { connect } = await import('node:net');
  const place = /^([^/]*):(\d+)$/.exec(socket);
  return new Promise((resolve) => {
    const connection = place
      ? connect({ host: place[1] || '127.0.0.1', port: Number(place[2]) })
      : connect({ path: socket });
    let answer = '';
    const fail = (why: string) => {
      connection.destroy();
      resolve({ why, mayReturn: GOING_OR_COMING.includes(why) });
    };
    connection.setEncoding('utf8');
    connection.setTimeout(ANSWER_TIMEOUT_MS, () => fail(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`));
    connection.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    connection.on('data', (part: string) => {
      answer += part;
      if (answer.length > LARGEST_ANSWER) fail('the answer does not end');
    });
    connection.once('end', () => {
      connection.destroy();
      // A process that ends may take a question and say nothing, which no whole answer to one is.
      const isCutOff = answer === '' && command.startsWith('show ');
      resolve(isCutOff ? { why: 'it said nothing', mayReturn: true } : answer);
    });
    connection.write(`${command}\n`);
  });
}
