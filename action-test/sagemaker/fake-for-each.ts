/** A fresh fake for each test of a file; a test ends without a mistake of the fake. */
import { afterEach, beforeEach, expect } from 'vitest';
import { startFakeAws } from './fake.ts';
import type { FakeAws, FakeAwsOptions } from './interface.ts';

/**
 * Registers what runs before and after each test.
 * @param prepare what every test begins with.
 * @returns `fake` is always that of the present test; `restart` begins it anew with other options.
 */
export function fakeForEach(
  options: FakeAwsOptions = {},
  prepare: (fake: FakeAws) => Promise<void> = async () => {},
): { fake: FakeAws; restart: (options: FakeAwsOptions) => Promise<void> } {
  let present: FakeAws;
  beforeEach(async () => {
    present = await startFakeAws(options);
    await prepare(present);
  });
  afterEach(async () => {
    await present.close();
    expect(present.mistakes).toEqual([]);
  });
  return {
    fake: new Proxy({} as FakeAws, { get: (_, name) => Reflect.get(present, name) }),
    async restart(others) {
      await present.close();
      present = await startFakeAws(others);
    },
  };
}
