import { describe, expect, test } from 'vitest';
import { RunnerStore } from '../testing/github-runners.ts';
import { openRunnerService } from './self-hosted-runners.ts';

const open = (store: RunnerStore, answer?: (url: URL) => Response | undefined) =>
  openRunnerService('octocat/flights', {
    ...{ token: 'administration', env: {} },
    fetch: async (input, init) => answer?.(new URL(String(input))) ?? store.fetch(input, init),
  });

describe('runners of a repository', () => {
  test('are listed over all pages, and looked at and removed by their number', async () => {
    const store = new RunnerStore();
    const service = await open(store);
    const made = await service.create({ name: 'a', labels: ['gpu'], group: 1 });
    expect(store.configurations.get(made.configuration)).toBe(made.id);
    const one = store.runners[0]!;
    for (let index = 0; index < 249; index++)
      store.runners.push({ ...one, id: 1000 + index, name: `n${index}` });
    const all = await service.list();
    expect(all.length).toBe(250);
    expect(all[0]).toEqual({ id: made.id, name: 'a', online: false, busy: false, labels: ['gpu'] });
    expect(await service.find(made.id)).toEqual(all[0]);
    store.connect(made.configuration);
    store.takeJob(one);
    expect(await service.find(made.id)).toMatchObject({ online: true, busy: true });
    expect(await service.remove(made.id)).toBe('busy');
    store.finishJob(one);
    expect(await service.remove(made.id)).toBe('absent');
    expect(await service.find(made.id)).toBeUndefined();
  });

  test('tell which program they need, with its checksum', async () => {
    const store = new RunnerStore();
    const service = await open(store);
    expect(await service.download('arm64')).toEqual({
      url: 'https://github.test/actions-runner-linux-arm64.tar.gz',
      sha256: 'a'.repeat(64),
    });
    store.downloads = store.downloads.map(({ sha256_checksum: _, ...rest }) => rest);
    await expect(service.download('x64')).rejects.toThrow('no runner for linux x64 with a checksum');
  });

  test.each([
    [403, 'Resource not accessible by integration'],
    [404, 'Not Found'],
  ])('cannot be made by a token without administration (%s)', async (status, message) => {
    const denied = () =>
      new Response(JSON.stringify({ message }), { status, headers: { 'content-type': 'application/json' } });
    const service = await open(new RunnerStore(), denied);
    const error = await service
      .create({ name: 'a', labels: ['gpu'], group: 1 })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      where: { key: 'runner-token' },
      fix: expect.stringContaining('Administration'),
    });
    expect(String(error)).toContain(`${message} (HTTP ${status})`);
    // Such an answer never means that a runner is gone.
    await expect(service.remove(1)).rejects.toThrow('does not let this token');
  });

  test('need a token and a repository', async () => {
    const options = { token: '', env: {} };
    await expect(openRunnerService('octocat/flights', options)).rejects.toThrow('no token');
    await expect(openRunnerService('flights', { ...options, token: 'a' })).rejects.toThrow(
      'flights is not the name',
    );
  });

  test('tell of workflow runs', async () => {
    const store = new RunnerStore();
    store.runs.set('17', { status: 'completed', attempt: 2 });
    const service = await open(store);
    expect(await service.run('17')).toEqual({ attempt: 2, ended: true });
    expect(await service.run('18')).toBeUndefined();
  });
});
