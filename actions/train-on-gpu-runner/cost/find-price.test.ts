import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { fakeEnvironment } from '../../../shared/testing/aws/s3-server.ts';
import {
  type LoopbackServer,
  readBody,
  startLoopbackServer,
} from '../../../shared/testing/loopback-server.ts';
import { ec2Identity } from './ec2-identity.ts';
import { findPrice } from './find-price.ts';
import type { Machine } from './price.ts';

const NOW = new Date('2026-11-12T10:00:00Z');
const SPOT: Machine = {
  type: 'g5.xlarge',
  region: 'eu-central-1',
  market: 'spot',
  zone: 'eu-central-1b',
};

let server: LoopbackServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const env = () => ({ ...fakeEnvironment(server?.url ?? 'http://127.0.0.1:1'), AWS_MAX_ATTEMPTS: '1' });
const find = (machine: Machine, prices: string) => findPrice(machine, prices, NOW, { env: env() });

/** EC2 speaks in forms and XML. */
async function ec2Answering(items: [type: string, price: string][], refused = false) {
  const asked: URLSearchParams[] = [];
  server = await startLoopbackServer(async (request, response) => {
    asked.push(new URLSearchParams((await readBody(request)).toString()));
    const set = items.map(
      ([type, price]) => `<item><instanceType>${type}</instanceType><spotPrice>${price}</spotPrice></item>`,
    );
    response
      .writeHead(refused ? 403 : 200, { 'content-type': 'text/xml' })
      .end(
        refused
          ? '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>1</RequestID></Response>'
          : `<DescribeSpotPriceHistoryResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><spotPriceHistorySet>${set.join('')}</spotPriceHistorySet></DescribeSpotPriceHistoryResponse>`,
      );
  });
  return asked;
}

test('spot is asked of EC2, for this zone and now, and compared with the price on demand', async () => {
  const asked = await ec2Answering([['g5.xlarge', '0.4811']]);
  expect(await find(SPOT, 'table')).toEqual({
    price: {
      usdPerHour: 0.4811,
      onDemandUsdPerHour: 1.258,
      source: 'the spot prices of EC2 in eu-central-1b, of 2026-11-12',
    },
  });
  expect(Object.fromEntries(asked[0]!)).toMatchObject({
    Action: 'DescribeSpotPriceHistory',
    'InstanceType.1': 'g5.xlarge',
    'ProductDescription.1': 'Linux/UNIX',
    AvailabilityZone: 'eu-central-1b',
    StartTime: '2026-11-12T10:00:00Z',
  });
});

test('without a zone the dearest of the region counts', async () => {
  await ec2Answering([
    ['g5.xlarge', '0.4811'],
    ['g5.xlarge', '0.5302'],
    ['g5.2xlarge', '9'],
  ]);
  expect(await find({ ...SPOT, zone: undefined }, 'table')).toMatchObject({
    price: { usdPerHour: 0.5302 },
  });
});

test('a spot price that EC2 does not tell is a problem and no error', async () => {
  await ec2Answering([], true);
  expect(await find(SPOT, 'table')).toMatchObject({
    problem: expect.stringContaining('AWS does not allow these credentials to read the spot prices of EC2'),
    fix: expect.stringContaining('Name it in spot_usd_per_hour of a file of prices.'),
  });
  await server?.close();
  await ec2Answering([]);
  expect(await find(SPOT, 'table')).toMatchObject({
    problem: 'EC2 knows no spot price of g5.xlarge in eu-central-1b.',
  });
  expect(await find({ ...SPOT, region: undefined }, 'table')).toMatchObject({ fix: 'Set AWS_REGION.' });
});

async function pricesFile(text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'prices-')), 'prices.yaml');
  await writeFile(file, text);
  return file;
}

test('a file of prices counts alone, for machines of one s own too', async () => {
  const file = await pricesFile(
    'usd_per_hour: {g5.xlarge: 0.9, our-a100: 2.4, ml.g5.xlarge: 1.5}\nspot_usd_per_hour: {g5.xlarge: 0.3}\n',
  );
  const own = { type: 'our-a100', region: undefined, market: 'on-demand', zone: undefined } as const;
  expect(await find(own, file)).toEqual({
    price: { usdPerHour: 2.4, onDemandUsdPerHour: 2.4, source: file },
  });
  expect(await find(SPOT, file)).toEqual({
    price: { usdPerHour: 0.3, onDemandUsdPerHour: 0.9, source: file },
  });
  expect(await find({ ...SPOT, type: 'ml.g5.xlarge' }, file)).toMatchObject({
    price: { usdPerHour: 1.5 },
  });
  expect(await find({ ...own, type: 'our-a10' }, file)).toMatchObject({
    problem: `${file} has no price of our-a10 in usd_per_hour.`,
    fix: expect.stringContaining('Did you mean our-a100?'),
  });
});

test.each([
  ['usd_per_hour: {a: -1}', 'usd_per_hour.a'],
  ['usd_per_hour: {a: cheap}', 'usd_per_hour.a'],
  ['usd_per_hours: {a: 1}', 'usd_per_hour'],
  ['[1', 'is not valid YAML'],
])('%s is no file of prices', async (text, words) => {
  await expect(find(SPOT, await pricesFile(text))).rejects.toThrow(words);
});

test('a file that is not there is an error', async () => {
  await expect(find(SPOT, 'no/prices.yaml')).rejects.toThrow('no/prices.yaml could not be read');
});

/** The metadata of an instance, which gives nothing without a token. */
async function metadata(lifeCycle: string, token = 'token') {
  server = await startLoopbackServer((request, response) => {
    if (request.method === 'PUT') {
      const known = request.headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined;
      response.writeHead(known ? 200 : 400).end('token');
      return;
    }
    const answers: Record<string, string> = {
      '/latest/meta-data/instance-type': 'g5.xlarge',
      '/latest/meta-data/placement/region': 'eu-central-1',
      '/latest/meta-data/placement/availability-zone': 'eu-central-1b',
      '/latest/meta-data/instance-life-cycle': lifeCycle,
    };
    const answer = request.headers['x-aws-ec2-metadata-token'] === token && answers[request.url ?? ''];
    response.writeHead(answer ? 200 : 401).end(answer || '');
  });
  return { AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url };
}

/** The folder /sys of a machine. */
async function firmware(vendor: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'sys-'));
  await mkdir(join(root, 'class/dmi/id'), { recursive: true });
  await writeFile(join(root, 'class/dmi/id/sys_vendor'), vendor);
  return root;
}

test('an instance of EC2 says what it is; another machine is never asked', async () => {
  const amazon = await firmware('Amazon EC2\n');
  const other = await firmware('Microsoft Corporation\n');
  const instance = await metadata('spot');
  expect(await ec2Identity(instance, amazon)).toEqual(SPOT);
  expect(await ec2Identity(instance, other)).toBeUndefined();
  expect(await ec2Identity(instance, join(amazon, 'nothing'))).toBeUndefined();
  expect(await ec2Identity({ ...instance, AWS_EC2_METADATA_DISABLED: 'true' }, amazon)).toBeUndefined();
  await server?.close();
  expect(await ec2Identity(await metadata('on-demand'), amazon)).toMatchObject({ market: 'on-demand' });
  await server?.close();
  expect(await ec2Identity(await metadata('spot', 'another'), amazon)).toBeUndefined();
});
