/** The policy that ships allows what the code asks of AWS, and nothing else. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runInstancesInput } from '../../../shared/aws/run-instances-input.ts';
import { type Statement, shippedPolicy } from '../fixtures/shipped-policy.ts';
import { sampleRequest } from './fixtures/world.ts';
import { MACHINE_TAG, runnerName } from './names.ts';

const root = join(import.meta.dirname, '../../..');
const policy = await shippedPolicy('gpu-runners');
const statements = (action: string) =>
  policy.Statement.filter(({ Action }) => [Action].flat().includes(action));

const image = {
  id: 'ami-0123456789abcdef0',
  architecture: 'x64',
  rootDevice: '/dev/xvda',
  volumeGiB: 8,
} as const;
const asked = () =>
  runInstancesInput({
    ...{ token: 'a', image, type: 'g5.xlarge', subnet: 'subnet-a', market: 'spot', securityGroups: ['sg-1'] },
    ...{
      instanceProfile: 'train',
      userData: '#!/bin/bash',
      volumeGiB: 4,
      tags: { [MACHINE_TAG]: 'mlops-a' },
    },
  });

describe('the policy', () => {
  test('holds exactly the calls that the code makes', async () => {
    const code = await readFile(join(root, 'shared/aws/machines.ts'), 'utf8');
    const made = new Set([...code.matchAll(/new sdk\.(\w+)Command\(/g)].map(([, name]) => `ec2:${name}`));
    // Tags and the role come with the launch, and AWS asks for a permission of their own for them.
    if (asked().TagSpecifications) made.add('ec2:CreateTags');
    if (asked().IamInstanceProfile) made.add('iam:PassRole');
    const allowed = policy.Statement.flatMap(({ Action }) => Action);
    expect([...new Set(allowed)].sort()).toEqual([...made].sort());
    expect(policy.Statement.every(({ Effect }) => Effect === 'Allow')).toBe(true);
  });

  test('lets only tagged machines be launched and ended, as the code tags them', () => {
    const name = runnerName(sampleRequest(), {});
    const isHeld = (statement: Statement, key: string) => {
      const pattern = statement.Condition?.StringLike?.[`${key}/${MACHINE_TAG}`];
      return pattern !== undefined && new RegExp(`^${pattern.replace('*', '.*')}$`).test(name);
    };
    const launches = statements('ec2:RunInstances');
    for (const kind of ['instance', 'volume']) {
      const [statement, ...others] = launches.filter(({ Resource }) =>
        [Resource].flat().some((one) => one.endsWith(`:${kind}/*`)),
      );
      expect(others).toEqual([]);
      expect(isHeld(statement!, 'aws:RequestTag'), kind).toBe(true);
      expect(asked().TagSpecifications?.map(({ ResourceType }) => ResourceType)).toContain(kind);
    }
    for (const action of ['ec2:TerminateInstances', 'ec2:GetConsoleOutput'])
      expect(
        statements(action).every((statement) => isHeld(statement, 'aws:ResourceTag')),
        action,
      ).toBe(true);
    expect(statements('ec2:CreateTags')[0]?.Condition).toEqual({
      StringEquals: { 'ec2:CreateAction': 'RunInstances' },
    });
    const unbound = policy.Statement.filter(({ Resource }) => Resource === '*').flatMap(
      ({ Action }) => Action,
    );
    expect(unbound.every((action) => action.startsWith('ec2:Describe'))).toBe(true);
  });
});

describe('the request for a machine', () => {
  test('is for one that ends for good when it powers off, with its volume, and asks for tokens', () => {
    expect(asked()).toMatchObject({
      ...{ MinCount: 1, MaxCount: 1, ClientToken: 'a', InstanceInitiatedShutdownBehavior: 'terminate' },
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      InstanceMarketOptions: {
        MarketType: 'spot',
        SpotOptions: { SpotInstanceType: 'one-time', InstanceInterruptionBehavior: 'terminate' },
      },
      // No less than the image needs.
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: true, VolumeSize: 8 } }],
      IamInstanceProfile: { Name: 'train' },
    });
  });

  test('is refused where its script is longer than EC2 takes', () => {
    expect(() =>
      runInstancesInput({
        ...{
          token: 'a',
          image,
          type: 'g5.xlarge',
          subnet: undefined,
          market: 'on-demand',
          securityGroups: [],
        },
        ...{ instanceProfile: undefined, tags: {}, volumeGiB: undefined, userData: 'é'.repeat(8193) },
      }),
    ).toThrow('16386 bytes, and EC2 takes 16384');
  });
});
