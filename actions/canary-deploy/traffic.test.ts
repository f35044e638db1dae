import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { openHttpDoor } from './targets/http-door.ts';
import { replayTraffic } from './traffic.ts';

test('a replay that is abandoned does not wait for answers that never come', async () => {
  let asked = 0;
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    asked += 1;
    // Some connections are used again, so that those are ended too.
    if (asked <= 3) outgoing.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const traffic = { file: 'traffic.jsonl', digest: '', bodies: ['{}'], ratePerSecond: 200 };
  const replay = replayTraffic(traffic, openHttpDoor(address));
  await vi.waitFor(() => expect(asked).toBeGreaterThan(8), { timeout: 20_000, interval: 5 });
  const { sent, failed } = await replay.stop({ abandon: true });
  expect(failed).toBeGreaterThanOrEqual(5);
  expect(sent - failed).toBeLessThanOrEqual(3);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
