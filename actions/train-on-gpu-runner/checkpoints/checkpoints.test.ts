import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HistoryKeeper } from '../watch/history.ts';
import {
  type CheckpointCache,
  finishCheckpoints,
  openCheckpoints,
  saveCheckpoints,
  workIdentity,
} from './checkpoints.ts';
import { HISTORY, historyBytes, writeHistory } from './travelling-history.ts';

let parent: string;
let folder: string;
let said: string[];
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'checkpoints-'));
  folder = join(parent, 'checkpoints');
  said = [];
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** A cache service in memory: entries of one file, `last.txt`. */
function memoryCache(entries: Map<string, string>, available = true): CheckpointCache {
  return {
    isFeatureAvailable: () => available,
    restoreCache: async ([path], key, prefixes = []) => {
      const found = [...entries.keys()].find(
        (known) => known === key || prefixes.some((part) => known.startsWith(part)),
      );
      if (found) writeFileSync(join(path!, 'last.txt'), entries.get(found)!);
      return found;
    },
    saveCache: async ([path], key) => {
      entries.set(key, readFileSync(join(path!, 'last.txt'), 'utf8'));
      return 1;
    },
  };
}

function open(options: { work?: string; cache?: CheckpointCache; attempt?: string }) {
  const env = options.cache
    ? { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '77', GITHUB_RUN_ATTEMPT: options.attempt ?? '1' }
    : {};
  return openCheckpoints({
    folder,
    name: 'demo',
    work: options.work ?? 'a',
    env,
    log: (message) => said.push(message),
    loadCache: async () => options.cache ?? expect.fail('the cache is loaded on a laptop'),
  });
}
const lose = () => rmSync(folder, { recursive: true, force: true });

describe('metrics of the steps before', () => {
  const seen = (): HistoryKeeper => {
    const keeper = new HistoryKeeper();
    for (const step of [1, 2, 3, 4]) keeper.add({ step, values: { loss: step } }, Date.now() + 3_600_000);
    return keeper;
  };

  test('come with the folder, up to the step of its checkpoint, and with old folders none do', async () => {
    await open({});
    writeFileSync(join(folder, 'state.json'), '{"step": 3}');
    expect((await open({})).history).toBeUndefined();
    await writeHistory(folder, historyBytes(seen().kept(), 'a'));
    const { resumedFrom, history } = await open({});
    expect([resumedFrom, history?.curves.loss?.steps]).toEqual(['folder', [1, 2, 3]]);
  });

  test('of other work, or of a training that was finished, are not taken', async () => {
    await open({});
    writeFileSync(join(folder, 'state.json'), '{"step": 3}');
    await writeHistory(folder, historyBytes(seen().kept(), 'a'));
    expect((await open({ work: 'b' })).history).toBeUndefined();
    expect(existsSync(join(folder, HISTORY))).toBe(false);
    await writeHistory(folder, historyBytes(seen().kept(), 'b'));
    await finishCheckpoints(folder, 'b');
    expect((await open({ work: 'b' })).history).toBeUndefined();
  });
});

describe('on a laptop', () => {
  test('says that there is no cache service and goes on from the folder after an unfinished run', async () => {
    expect(await open({})).toEqual({ resumedFrom: 'nothing', resumedStep: null, cacheKey: undefined });
    expect(said.join('\n')).toContain('There is no cache service here');
    writeFileSync(join(folder, 'last.txt'), '3');
    expect(await open({})).toMatchObject({ resumedFrom: 'folder' });
  });

  test('begins anew after a finished run and keeps its checkpoints aside', async () => {
    await open({});
    writeFileSync(join(folder, 'last.txt'), '9');
    await finishCheckpoints(folder, 'a');
    expect(await open({})).toMatchObject({ resumedFrom: 'nothing' });
    expect(existsSync(join(folder, 'last.txt'))).toBe(false);
    expect(readFileSync(join(`${folder}.previous`, 'last.txt'), 'utf8')).toBe('9');
  });

  test('never goes on from the checkpoints of other work', async () => {
    await open({});
    writeFileSync(join(folder, 'last.txt'), '3');
    expect(await open({ work: 'b' })).toMatchObject({ resumedFrom: 'nothing' });
    expect(existsSync(join(folder, 'last.txt'))).toBe(false);
  });

  test('takes what a person put there', async () => {
    await open({});
    lose();
    await open({});
    rmSync(join(folder, '.mlops-checkpoints.json'));
    writeFileSync(join(folder, 'pretrained.bin'), 'x');
    expect(await open({ work: 'b' })).toMatchObject({ resumedFrom: 'folder' });
  });
});

describe('on a runner', () => {
  test('the next attempt of the same run gets the checkpoints, another run and other work do not', async () => {
    const entries = new Map<string, string>();
    const cache = memoryCache(entries);
    const first = await open({ cache });
    writeFileSync(join(folder, 'last.txt'), '5');
    await saveCheckpoints(folder, first.cacheKey!, cache, () => undefined);
    expect([...entries.keys()]).toEqual(['mlops-checkpoints-demo-a-77-1']);
    lose();
    expect(await open({ cache, attempt: '2', work: 'b' })).toMatchObject({ resumedFrom: 'nothing' });
    lose();
    expect(await open({ cache, attempt: '2' })).toMatchObject({ resumedFrom: 'cache' });
    expect(readFileSync(join(folder, 'last.txt'), 'utf8')).toBe('5');
  });

  test('saves nothing when there is nothing', async () => {
    const entries = new Map<string, string>();
    const cache = memoryCache(entries);
    const { cacheKey } = await open({ cache });
    await saveCheckpoints(folder, cacheKey!, cache, () => undefined);
    expect(entries.size).toBe(0);
  });

  test('says it when the service is not there', async () => {
    expect(await open({ cache: memoryCache(new Map(), false) })).toMatchObject({ cacheKey: undefined });
    expect(said.join('\n')).toContain('There is no cache service here');
  });
});

test('the identity of work changes with command, parameters and data', () => {
  const work = { command: 'python train.py', params: { lr: 1 }, dataDigest: 'sha256:1' };
  const identities = [
    work,
    { ...work, command: 'x' },
    { ...work, params: { lr: 2 } },
    { ...work, dataDigest: 'sha256:2' },
  ];
  expect(new Set(identities.map(workIdentity)).size).toBe(4);
  expect(workIdentity({ ...work })).toBe(workIdentity(work));
});
