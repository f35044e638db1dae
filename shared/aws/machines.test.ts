/** Launches against a server that refuses as EC2 does. */
import { afterEach, describe, expect, test } from 'vitest';
import { type LoopbackServer, readBody, startLoopbackServer } from '../testing/loopback-server.ts';
import { Ec2Machines, isOutOfCapacity } from './machines.ts';
import type { MachineRequest } from './run-instances-input.ts';

let server: LoopbackServer | undefined;
afterEach(() => server?.close());

/** Answers each request by the next of these; the last one stays. */
async function ec2(answers: { status: number; body: string }[]) {
  const requests: URLSearchParams[] = [];
  server = await startLoopbackServer(async (request, response) => {
    const { status, body } = answers[Math.min(requests.length, answers.length - 1)]!;
    requests.push(new URLSearchParams((await readBody(request)).toString()));
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  });
  const pauses: number[] = [];
  const env = {
    ...{ AWS_ENDPOINT_URL: server.url, AWS_REGION: 'eu-central-1' },
    ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  };
  return { requests, pauses, machines: new Ec2Machines({ env }, async (pause) => void pauses.push(pause)) };
}

const refused = (status: number, code: string, message = 'No.') => ({
  status,
  body: `<?xml version="1.0"?><Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>1</RequestID></Response>`,
});
const launched = {
  status: 200,
  body: `<RunInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><instancesSet><item><instanceId>i-1</instanceId><instanceState><name>pending</name></instanceState><instanceType>g5.xlarge</instanceType><launchTime>2026-03-01T10:00:00.000Z</launchTime><placement><availabilityZone>eu-central-1b</availabilityZone></placement><instanceLifecycle>spot</instanceLifecycle><tagSet><item><key>a</key><value>b</value></item></tagSet></item></instancesSet></RunInstancesResponse>`,
};
const request: MachineRequest = {
  ...{
    token: 'once',
    type: 'g5.xlarge',
    subnet: 'subnet-a',
    market: 'spot',
    securityGroups: [],
    userData: '#!/bin/bash',
  },
  ...{ image: { id: 'ami-1', architecture: 'x64', rootDevice: '/dev/sda1', volumeGiB: 8 }, tags: { a: 'b' } },
  ...{ instanceProfile: undefined, volumeGiB: undefined },
};

describe('a launch', () => {
  test.each([
    // EC2 answers a lack of machines as if it were its own failure.
    [500, 'InsufficientInstanceCapacity'],
    [400, 'VcpuLimitExceeded'],
    [400, 'Unsupported'],
  ])('is asked for once where EC2 has none (%s %s)', async (status, code) => {
    const { machines, requests } = await ec2([refused(status, code)]);
    const error = await machines.launch(request).catch((reason: unknown) => reason);
    expect(isOutOfCapacity(error)).toBe(true);
    expect(error).toMatchObject({ code });
    expect(requests.length).toBe(1);
  });

  test('is asked for again, with the same token, where EC2 failed or is busy', async () => {
    const busy = [refused(503, 'RequestLimitExceeded'), refused(500, 'InternalError')];
    const { machines, requests, pauses } = await ec2([...busy, launched]);
    expect(await machines.launch(request)).toEqual({
      ...{ id: 'i-1', state: 'pending', stateReason: null, type: 'g5.xlarge', zone: 'eu-central-1b' },
      ...{ market: 'spot', launchedAt: new Date('2026-03-01T10:00:00Z'), tags: { a: 'b' } },
    });
    expect(requests.map((one) => one.get('ClientToken'))).toEqual(['once', 'once', 'once']);
    expect(pauses.length).toBe(2);
  });

  test('gives up after four tries', async () => {
    const { machines, requests } = await ec2([refused(500, 'InternalError')]);
    await expect(machines.launch(request)).rejects.toThrow(
      'AWS refused to launch a g5.xlarge (spot, subnet-a)',
    );
    expect(requests.length).toBe(4);
  });

  test('says which permission is missing', async () => {
    const { machines, requests } = await ec2([
      refused(403, 'UnauthorizedOperation', 'You are not authorized.'),
    ]);
    const error = await machines.launch(request).catch((reason: unknown) => reason);
    expect(error).toHaveProperty('fix', expect.stringContaining('Allow ec2:RunInstances'));
    expect(isOutOfCapacity(error)).toBe(false);
    expect(requests.length).toBe(1);
  });
});

test('a machine that AWS knows no more is one that has ended', async () => {
  const { machines } = await ec2([refused(400, 'InvalidInstanceID.NotFound')]);
  await machines.end('i-1');
  expect(await machines.look('i-1')).toBeUndefined();
});

test('machines are looked for by their tags, page by page', async () => {
  const page = (id: string, token: string) => ({
    status: 200,
    body: `<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>${id}</instanceId><instanceState><name>running</name></instanceState><launchTime>2026-03-01T10:00:00.000Z</launchTime></item></instancesSet></item></reservationSet>${token}</DescribeInstancesResponse>`,
  });
  const { machines, requests } = await ec2([page('i-1', '<nextToken>more</nextToken>'), page('i-2', '')]);
  const found = await machines.find({ 'mlops:run': '1*7' });
  expect(found.map(({ id }) => id)).toEqual(['i-1', 'i-2']);
  expect(requests[0]!.get('Filter.1.Name')).toBe('tag:mlops:run');
  expect(requests[0]!.get('Filter.1.Value.1')).toBe('1\\*7');
  expect(requests[0]!.get('Filter.2.Name')).toBe('instance-state-name');
  expect(requests[1]!.get('NextToken')).toBe('more');
});
