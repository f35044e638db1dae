/** The part of the suite of all adapters that removes. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modelDigest } from '../models/digest.ts';
import type { Registry } from '../registries/registry.ts';

/** The digest of no model. */
export const NOWHERE = `sha256:${'0'.repeat(64)}`;

interface SuiteStage {
  /** The same model's name each time. */
  open(): Promise<Registry>;
  /** The path of a folder with a model. */
  makeModel(name: string, content: string): Promise<string>;
  folder(): string;
}

export function removalSuite(stage: SuiteStage): void {
  test('a removal and an alias that moves there at once do not both succeed where the store promises it', async () => {
    const registry = await stage.open();
    const [a, b] = [await stage.makeModel('a', 'a'), await stage.makeModel('b', 'b')];
    const { digest: stays } = await registry.pushModel(b);
    await registry.moveAlias('champion', { to: stays });
    for (let round = 0; round < 4; round++) {
      const { digest } = await registry.pushModel(a);
      const [removal, move] = await Promise.allSettled([
        (await stage.open()).remove(digest),
        (await stage.open()).moveAlias('champion', { to: digest }),
      ]);
      if (!registry.capabilities.atomicRemove) return;
      expect([removal.status, move.status]).toContain('rejected');
      const isThere = (await registry.resolve(digest)) !== undefined;
      expect(isThere).toBe(removal.status === 'rejected');
      expect((await registry.aliases()).champion).toBe(move.status === 'fulfilled' ? digest : stays);
      expect(await (await stage.open()).resolve('champion')).toBeDefined();
      if (move.status === 'fulfilled') await registry.moveAlias('champion', { to: stays });
    }
  });

  test('removes a version that no alias names, and takes it again afterwards', async () => {
    const registry = await stage.open();
    const [a, b] = [await stage.makeModel('a', 'a'), await stage.makeModel('b', 'b')];
    const evaluation = [{ role: 'Evaluation', files: [{ name: 'record.json', bytes: Buffer.from('1') }] }];
    const first = await registry.pushModel(a, { attachments: evaluation });
    const second = await registry.pushModel(b);
    await registry.moveAlias('champion', { to: second.digest });
    await expect(registry.remove(second.digest)).rejects.toThrow('champion');
    await registry.remove(first.digest);
    await registry.remove(first.digest);
    await registry.remove(NOWHERE);
    expect(await registry.resolve(first.digest)).toBeUndefined();
    expect((await (await stage.open()).versions()).map(({ digest }) => digest)).toEqual([second.digest]);
    expect(await registry.attachments(first.digest, 'Evaluation')).toEqual([]);
    // What both shared is still there.
    await registry.pullModel(second.digest, join(stage.folder(), 'second'));
    expect((await registry.pushModel(a)).created).toBe(true);
    await registry.pullModel(first.digest, join(stage.folder(), 'first'));
    expect((await modelDigest(join(stage.folder(), 'first'))).digest).toBe(first.digest);
    expect(await registry.attachments(first.digest, 'Evaluation')).toEqual([]);
  });
}
