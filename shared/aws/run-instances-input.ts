/** The request that launches a machine, as AWS wants it. */
import type { RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { UserError } from '../errors.ts';

export type Market = 'spot' | 'on-demand';

export interface MachineImage {
  id: string;
  architecture: 'x64' | 'arm64';
  rootDevice: string;
  /** The least size of the root volume. */
  volumeGiB: number;
}

export interface MachineRequest {
  /** The same token and request never launch twice: at most 64 characters. */
  token: string;
  image: MachineImage;
  type: string;
  /** Undefined: the default network of the account. */
  subnet: string | undefined;
  market: Market;
  securityGroups: readonly string[];
  /** Name or ARN. */
  instanceProfile: string | undefined;
  /** The script, as text. */
  userData: string;
  tags: Readonly<Record<string, string>>;
  /** Of the root volume; undefined: as the image has it. */
  volumeGiB: number | undefined;
}

/** What EC2 takes, before its encoding. */
const MOST_USER_DATA_BYTES = 16_384;

/**
 * One machine that ends for good when it powers off, with its volume, and whose metadata ask for a token (IMDSv2).
 * @throws UserError where the script is longer than EC2 takes.
 */
export function runInstancesInput(request: MachineRequest): RunInstancesCommandInput {
  const { image, type, subnet, securityGroups, instanceProfile, userData, market, volumeGiB } = request;
  const script = Buffer.from(userData);
  if (script.length > MOST_USER_DATA_BYTES) {
    throw new UserError(
      `The script of the machine has ${script.length} bytes, and EC2 takes ${MOST_USER_DATA_BYTES}.`,
      {
        where: { key: 'runner-labels' },
        fix: 'Give fewer or shorter labels: they are in the configuration that the script holds.',
      },
    );
  }
  const Tags = Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value }));
  const VolumeSize = volumeGiB === undefined ? undefined : Math.max(volumeGiB, image.volumeGiB);
  return {
    ...{ ImageId: image.id, InstanceType: type as RunInstancesCommandInput['InstanceType'] },
    ...{ MinCount: 1, MaxCount: 1, ClientToken: request.token, UserData: script.toString('base64') },
    ...(subnet && { SubnetId: subnet }),
    ...(securityGroups.length > 0 && { SecurityGroupIds: [...securityGroups] }),
    ...(instanceProfile && {
      IamInstanceProfile: instanceProfile.startsWith('arn:')
        ? { Arn: instanceProfile }
        : { Name: instanceProfile },
    }),
    ...(market === 'spot' && {
      InstanceMarketOptions: {
        MarketType: 'spot',
        SpotOptions: { SpotInstanceType: 'one-time', InstanceInterruptionBehavior: 'terminate' },
      },
    }),
    InstanceInitiatedShutdownBehavior: 'terminate',
    MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled', HttpPutResponseHopLimit: 1 },
    BlockDeviceMappings: [
      {
        DeviceName: image.rootDevice,
        Ebs: { DeleteOnTermination: true, ...(VolumeSize !== undefined && { VolumeSize }) },
      },
    ],
    TagSpecifications: [
      { ResourceType: 'instance', Tags },
      { ResourceType: 'volume', Tags },
    ],
  };
}
