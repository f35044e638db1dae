import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LoopbackServer, startLoopbackServer } from '../../../shared/testing/loopback-server.ts';
import { isEc2 } from './ec2.ts';
import { type SpotNotice, type SpotWatch, watchSpotNotice } from './spot-notice.ts';

const NOW = new Date('2026-05-08T08:20:00Z');
let root: string;
let service: LoopbackServer;
let calls: string[];
/** Answers of the metadata service by path. */
let answers: Record<string, string>;
let token: string;
let status: number | undefined;
let watch: SpotWatch | undefined;
let said: string[];
let notices: SpotNotice[];
let rebalances: number;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sys-'));
  [calls, answers, said, notices, token, status, rebalances] = [[], {}, [], [], 'token-1', undefined, 0];
  service = await startLoopbackServer((request, response) => {
    const { method, url = '', headers } = request;
    calls.push(`${method} ${url}`);
    if (status) return void response.writeHead(status).end();
    if (url === '/latest/api/token') {
      const isAsked = method === 'PUT' && Number(headers['x-aws-ec2-metadata-token-ttl-seconds']) > 0;
      return void response.writeHead(isAsked ? 200 : 400).end(token);
    }
    if (headers['x-aws-ec2-metadata-token'] !== token) return void response.writeHead(401).end();
    const answer = answers[url.replace('/latest/meta-data/', '')];
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
});
afterEach(async () => {
  watch?.stop();
  await service.close();
  rmSync(root, { recursive: true, force: true });
});

function firmware(facts: Record<string, string>): void {
  mkdirSync(join(root, 'class/dmi/id'), { recursive: true });
  for (const [name, text] of Object.entries(facts)) writeFileSync(join(root, 'class/dmi/id', name), text);
}

async function start(env: Record<string, string> = {}): Promise<SpotWatch | undefined> {
  watch = await watchSpotNotice({
    ...{ env, root, url: service.url, everyMs: 3_600_000, now: () => NOW },
    log: { info: (message) => said.push(message) },
    onNotice: (notice) => notices.push(notice),
    onRebalance: () => {
      rebalances += 1;
    },
  });
  return watch;
}

test.each([
  [{ sys_vendor: 'Amazon EC2\n' }, true],
  [{ sys_vendor: 'Xen\n', bios_version: '4.11.amazon\n' }, true],
  [{ sys_vendor: 'Microsoft Corporation\n', bios_version: 'Hyper-V UEFI' }, false],
  [{}, false],
])('the firmware says whose machine it is: %j', async (facts, isOne) => {
  firmware(facts);
  expect(await isEc2(root)).toBe(isOne);
});

test('on any other machine, and where it is switched off, nothing is asked', async () => {
  firmware({ sys_vendor: 'QEMU\n' });
  expect(await start()).toBeUndefined();
  firmware({ sys_vendor: 'Amazon EC2\n' });
  expect(await start({ AWS_EC2_METADATA_DISABLED: 'true' })).toBeUndefined();
  expect(calls).toEqual([]);
});

test('a notice is told once, with the time that is left', async () => {
  firmware({ sys_vendor: 'Amazon EC2\n' });
  await start();
  expect([notices, watch?.notice]).toEqual([[], undefined]);
  answers['spot/instance-action'] = '{"action": "stop", "time": "2026-05-08T08:21:30Z"}';
  await Promise.all([watch?.look(), watch?.look()]);
  await watch?.look();
  expect(notices).toEqual([{ action: 'stop', at: new Date('2026-05-08T08:21:30Z'), leftMs: 90_000 }]);
  expect(watch?.notice).toEqual(notices[0]);
  expect(calls[0]).toBe('PUT /latest/api/token');
});

test('one that cannot be read, or whose time is odd, is still a notice', async () => {
  firmware({ sys_vendor: 'Amazon EC2\n' });
  answers['spot/instance-action'] = 'terminate at once';
  await start();
  expect(notices).toMatchObject([{ action: 'terminate', leftMs: 120_000 }]);
  watch?.stop();
  answers['spot/instance-action'] = '{"action":"hibernate","time":"2026-05-08T08:19:00Z"}';
  await start();
  expect(notices[1]).toMatchObject({ action: 'hibernate', leftMs: 0 });
});

test('a recommendation to rebalance is told once, and is no notice', async () => {
  firmware({ sys_vendor: 'Amazon EC2\n' });
  answers['events/recommendations/rebalance'] = '{"noticeTime": "2026-05-08T08:19:00Z"}';
  await start();
  await watch?.look();
  expect([rebalances, watch?.notice]).toEqual([1, undefined]);
});

test('a token that is over is replaced', async () => {
  firmware({ sys_vendor: 'Amazon EC2\n' });
  await start();
  token = 'token-2';
  answers['spot/instance-action'] = '{"action": "terminate", "time": "2026-05-08T08:22:00Z"}';
  await watch?.look();
  expect(notices).toHaveLength(1);
});

test('a service that does not answer is said once and asked again', async () => {
  firmware({ sys_vendor: 'Amazon EC2\n' });
  status = 503;
  await start();
  await watch?.look();
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('EC2 cannot be asked');
  status = undefined;
  answers['spot/instance-action'] = '{"action": "terminate", "time": "2026-05-08T08:22:00Z"}';
  await watch?.look();
  expect(notices).toHaveLength(1);
});
