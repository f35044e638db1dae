import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoints } from './checkpoints.ts';
import { Copier } from './copier.ts';
import type { CheckpointObjects } from './objects.ts';
import { openCheckpointStore } from './store.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'random-crashes-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

class Crash extends Error {}

/** A store in memory, and a machine's line to it, which breaks at a call. */
function memoryStore() {
  const kept = new Map<string, Buffer>();
  const etag = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const line = (onCall: () => 'go' | 'before' | 'after'): CheckpointObjects => {
    const call = async <Result>(work: () => Result): Promise<Result> => {
      const fate = onCall();
      if (fate === 'before') throw new Crash();
      const result = work();
      if (fate === 'after') throw new Crash();
      return result;
    };
    return {
      uriOf: (key) => `memory:${key}`,
      list: (beginning = '') =>
        call(() =>
          [...kept]
            .filter(([key]) => key.startsWith(beginning))
            .map(([key, bytes]) => ({ key, size: bytes.length })),
        ),
      put: (key, content) =>
        call(() => {
          const bytes = 'bytes' in content ? Buffer.from(content.bytes) : readFileSync(content.path);
          if (`sha256:${etag(bytes)}` !== content.digest) throw new Error('changed while it was stored');
          kept.set(key, bytes);
          return { sent: true };
        }),
      putIf: (key, bytes) =>
        call(() => {
          if (kept.has(key)) return undefined;
          kept.set(key, Buffer.from(bytes));
          return { etag: etag(bytes) };
        }),
      read: (key) => call(() => (kept.has(key) ? { bytes: kept.get(key)!, etag: '' } : undefined)),
      open: (key) =>
        call(() => {
          const bytes = kept.get(key);
          return (
            bytes &&
            (async function* () {
              yield bytes;
            })()
          );
        }),
      delete: (keys) => call(() => keys.forEach((key) => void kept.delete(key))),
    };
  };
  return { kept, line };
}

const names = fc.constantFrom(
  'model',
  'optimizer',
  'checkpoint-1/a',
  'checkpoint-1/b',
  'checkpoint-2/a',
  'last.tmp',
);
const files = fc.dictionary(names, fc.constantFrom('', 'a', 'bb', 'ccc'), { minKeys: 1, maxKeys: 4 });
const fate = fc.record({
  at: fc.nat({ max: 14 }),
  how: fc.constantFrom('before' as const, 'after' as const),
});
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), files }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('sync' as const), crash: fc.option(fate) }) },
  /** The program writes while its checkpoint is being sent. */
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('sync-and-write' as const), at: fc.nat({ max: 8 }), files }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('next' as const), crash: fc.option(fate) }) },
  /** An attempt that was taken for dead goes on. */
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('zombie' as const), files }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('damage' as const), which: fc.nat(), gone: fc.boolean() }),
  },
);
type Operation = typeof operation extends fc.Arbitrary<infer Kind> ? Kind : never;

test('whatever is written, sent, cut off and damaged: a restore gives a state that was completely there, and no older one than the last that was sent', async () => {
  const seen = { restored: 0, fellBack: 0, nothing: 0, superseded: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 25 }), (operations) =>
      play(operations, seen),
    ),
    { numRuns: 150, seed: 8 },
  );
  // The walk comes to all of these places.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(3);
}, 60_000);

async function play(operations: readonly Operation[], seen: Record<string, number>): Promise<void> {
  const store = memoryStore();
  const folder = mkdtempSync(join(root, 'run-'));
  /** Every state that ever lay completely in a folder, in order. */
  const states: string[] = ['{}'];
  let sent = 0;
  let isDamaged = false;
  let machines = 0;
  let current: Awaited<ReturnType<typeof start>> | undefined;
  let zombie: typeof current;

  async function start(crash: { at: number; how: 'before' | 'after' } | null) {
    const line = {
      left: crash?.at ?? Number.POSITIVE_INFINITY,
      onBreak: (): 'go' | 'before' | 'after' => crash?.how ?? 'go',
    };
    const objects = store.line(() => (line.left-- === 0 ? line.onBreak() : 'go'));
    const machine = join(folder, `machine-${machines++}`);
    const opened = await openCheckpointStore('memory', { name: 'n', work: 'w', env: {}, objects });
    const said: string[] = [];
    const found = await openCheckpoints({
      ...{
        folder: machine,
        name: 'n',
        work: 'w',
        env: {},
        store: opened,
        log: (message: string) => said.push(message),
      },
      loadCache: () => Promise.reject(new Error()),
    });
    const state = stateOf(machine);
    const index = states.lastIndexOf(state);
    expect(index, `${state} never was`).toBeGreaterThanOrEqual(0);
    if (!isDamaged) expect(index, `${state} is older than what was sent`).toBeGreaterThanOrEqual(sent);
    seen[found.resumedFrom === 'store' ? 'restored' : 'nothing']! += 1;
    if (said.some((message) => message.includes('is not used'))) seen.fellBack! += 1;
    const copier = new Copier({
      ...{ folder: machine, store: opened, everyMs: 0, settleMs: 1e9, brokenMs: 1e9 },
      now: () => 0,
    });
    if (found.resumedFrom === 'store') await copier.isAsStored(null);
    return { machine, copier, line };
  }
  const write = (machine: string, wanted: Record<string, string>): void => {
    for (const name of readdirSync(machine))
      if (!name.startsWith('.mlops-')) rmSync(join(machine, name), { recursive: true });
    for (const [name, text] of Object.entries(wanted)) {
      mkdirSync(dirname(join(machine, name)), { recursive: true });
      writeFileSync(join(machine, name), text);
    }
    states.push(stateOf(machine));
  };
  const look = async (machine: NonNullable<typeof current>): Promise<void> => {
    const lying = stateOf(machine.machine);
    const found = await machine.copier.look({ end: { how: 'by-itself', at: 0 } });
    if (found.state === 'superseded') seen.superseded! += 1;
    if (found.state === 'copied') {
      sent = Math.max(sent, states.lastIndexOf(lying));
      isDamaged = false;
    }
  };

  for (const op of [{ kind: 'next', crash: null } as const, ...operations]) {
    try {
      if (op.kind === 'damage') {
        const keys = [...store.kept.keys()].filter((key) => !key.startsWith('attempts/'));
        const key = keys[op.which % Math.max(1, keys.length)];
        if (key === undefined) continue;
        isDamaged = true;
        if (op.gone) store.kept.delete(key);
        else store.kept.set(key, Buffer.from('damaged'));
      } else if (op.kind === 'next') {
        zombie = current ?? zombie;
        current = undefined;
        current = await start(op.crash);
        current.line.left = Number.POSITIVE_INFINITY;
      } else if (op.kind === 'zombie') {
        if (!zombie || !current) continue;
        write(zombie.machine, op.files);
        await look(zombie);
      } else if (!current) {
      } else if (op.kind === 'write') write(current.machine, op.files);
      else if (op.kind === 'sync') {
        current.line.left = op.crash?.at ?? Number.POSITIVE_INFINITY;
        current.line.onBreak = () => op.crash?.how ?? 'go';
        await look(current);
        current.line.left = Number.POSITIVE_INFINITY;
      } else {
        const { line, machine } = current;
        line.left = op.at;
        line.onBreak = () => {
          write(machine, op.files);
          return 'go';
        };
        await look(current).catch((error: Error) => {
          // The next look tries again.
          if (!/changed while|ENOENT/.test(error.message)) throw error;
        });
        line.left = Number.POSITIVE_INFINITY;
      }
    } catch (error) {
      if (!(error instanceof Crash) && !((error as Error).cause instanceof Crash)) throw error;
      // The machine is gone.
      current = undefined;
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Files with temporary names are no part of a state. */
function stateOf(folder: string): string {
  const found: Record<string, string> = {};
  for (const name of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
    if (name.startsWith('.mlops-') || name.endsWith('.tmp') || statSync(join(folder, name)).isDirectory())
      continue;
    found[name] = readFileSync(join(folder, name), 'utf8');
  }
  return JSON.stringify(found);
}
