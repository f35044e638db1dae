import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { markRollout } from '../../shared/registries/deployment-marks.ts';
import { recordAttachment } from '../../shared/registries/packaged-model.ts';
import { renderSection } from '../../shared/report/section.ts';
import { startOciServer } from '../../shared/testing/oci-server.ts';
import { sampleEvaluation, sampleRecords } from '../../shared/testing/sample-records.ts';
import { NAME, RegisterStage } from './fixtures/register-stage.ts';
import { definition } from './main.ts';
import { keepNewest } from './prune.ts';

let stage: RegisterStage;
beforeEach(async () => {
  stage = await RegisterStage.open(sampleEvaluation);
});
afterEach(() => stage.close());

describe('retention', () => {
  test('removes the oldest, and never what an alias needs or may go back to', async () => {
    const digests: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) digests.push(await stage.register(name));
    const [a, b, c, d, e] = digests as [string, string, string, string, string];
    await stage.registry.moveAlias('champion', { to: a });
    await stage.registry.moveAlias('champion', { to: b });
    const { record } = await stage.act({ operation: 'prune', keep: '2' });
    expect(record).toMatchObject({
      verdict: 'pass',
      reason:
        'One old version was removed. 4 versions stay, more than keep: 2, since an alias, the way back of one or a rollout needs them.',
      subject: { digest: e },
    });
    expect(record.removed.map(({ digest }) => digest)).toEqual([c]);
    expect((await stage.registry.versions()).map(({ digest }) => digest)).toEqual([a, b, d, e]);
    expect(renderSection(definition.report(record))).toContain('1 old version removed');
    const again = await stage.act({ operation: 'prune', keep: '2' });
    expect(again.record).toMatchObject({
      removed: [],
      reason: expect.stringMatching(/^Nothing was removed. 4 versions stay, more than/),
    });
    await mkdir(join(stage.folder, 'out'));
    await stage.registry.pullModel(a, join(stage.folder, 'out'));
  });

  test('after a registration spares the version that was just stored', async () => {
    await stage.register('a');
    const b = await stage.register('b');
    await stage.register('c', { keep: '1' });
    // The bytes of b once more: registered before, so not the newest, and still not removed by its own job.
    const { path } = await stage.makeModel('a');
    const { record } = await stage.act({ model: path, keep: '1' });
    expect(await stage.registry.resolve(record.subject.digest)).toBeDefined();
    expect(await stage.registry.resolve(b)).toBeUndefined();
  });

  test('spares what a deployment holds', async () => {
    const a = await stage.register('a');
    await stage.register('b');
    const sample = sampleRecords().find((record) => record.kind === 'Deployment')!;
    const deployment = {
      ...sample,
      name: NAME,
      subject: { digest: a },
      outcome: 'held' as const,
    };
    const { role, files } = recordAttachment(deployment);
    await stage.registry.attach(a, role, files);
    expect((await stage.act({ operation: 'prune', keep: '1' })).record.removed).toEqual([]);
    const over = recordAttachment({
      ...deployment,
      outcome: 'rolled-back',
      createdAt: '2026-12-01T00:00:00Z',
    });
    await stage.registry.attach(a, over.role, over.files);
    // A rollout that has begun and not ended counts, whatever the one before it came to.
    await markRollout(stage.registry, a, { startedAt: new Date(0), runUrl: null });
    expect((await stage.act({ operation: 'prune', keep: '1' })).record.removed).toEqual([]);
    await stage.registry.attach(a, over.role, [...over.files, { name: 'again', bytes: Buffer.from('1') }]);
    expect((await stage.act({ operation: 'prune', keep: '1' })).record.removed).toHaveLength(1);
  });

  test('that a registry does not allow is a warning, and the registration stands', async () => {
    const server = await startOciServer({ deletes: false });
    const registry = `oci://${server.host}/team`;
    for (const name of ['a', 'b']) await stage.register(name, { registry });
    const { path, digest } = await stage.makeModel('c');
    await stage.evaluate(digest, 'pass');
    const { record, outputs } = await stage.act({ model: path, registry, keep: '1' });
    await server.close();
    expect(record).toMatchObject({ verdict: 'pass', removed: [] });
    expect(record.reason).toContain('Old versions were not removed: ');
    expect(outputs.digest).toBe(digest);
  });

  test('needs to be told how many stay', async () => {
    await expect(stage.act({ operation: 'prune' })).rejects.toThrow('needs the input keep');
    await expect(stage.act({ operation: 'prune', keep: '0' })).rejects.toThrow('keep');
  });

  test('takes only what this action registered, and says what it left', async () => {
    const other = await stage.makeModel('other');
    await stage.registry.pushModel(other.path);
    const a = await stage.register('a');
    const b = await stage.register('b');
    const { record } = await stage.act({ operation: 'prune', keep: '1' });
    expect(record.removed.map(({ digest }) => digest)).toEqual([a]);
    expect(record.reason).toBe(
      'One old version was removed. One version stays. One more was put there by another tool, as it has no record of this action, and is left alone.',
    );
    expect(await stage.registry.resolve(other.digest)).toBeDefined();
    expect(await stage.registry.resolve(b)).toBeDefined();
  });

  test('keeps what a rollback reaches by passing over a rejected version', async () => {
    const a = await stage.register('a', { aliases: 'champion' });
    const b = await stage.register('b', { aliases: 'champion' });
    await stage.register('c', { aliases: 'champion' });
    await stage.act({ operation: 'approve', model: `${NAME}@${b}`, approval: 'rejected' });
    expect((await stage.act({ operation: 'prune', keep: '1' })).record.removed).toEqual([]);
    expect(await stage.registry.resolve(a)).toBeDefined();
  });

  test('whatever mix of tools filled the registry, only the oldest of its own go, in their order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        async (isOwn, keep) => {
          const one = await RegisterStage.open(sampleEvaluation);
          const own: string[] = [];
          for (const [index, ours] of isOwn.entries()) {
            const name = `m${index}`;
            if (ours) own.push(await one.register(name));
            else await one.registry.pushModel((await one.makeModel(name)).path);
          }
          const gone = await keepNewest(one.registry, keep, {
            log: { info: () => undefined } as never,
            signal: new AbortController().signal,
          });
          const stay = (await one.registry.versions()).length;
          await one.close();
          expect(gone.map(({ digest }) => digest)).toEqual(own.slice(0, Math.max(0, own.length - keep)));
          expect(stay).toBe(isOwn.length - gone.length);
        },
      ),
      { numRuns: 12 },
    );
  });
});
