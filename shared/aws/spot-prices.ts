import { type _InstanceType, DescribeSpotPriceHistoryCommand, EC2Client } from '@aws-sdk/client-ec2';
import { awsError } from './aws-error.ts';
import { type AwsOptions, clientSettings } from './client-settings.ts';

const DOING = {
  what: 'read the spot prices of EC2',
  permission: 'ec2:DescribeSpotPriceHistory',
  resource: '*',
};

/**
 * US dollars per hour of spot, for Linux, that hold at a time: one for each zone.
 * @param zone only this one. @throws UserError when EC2 refuses.
 */
export async function readSpotPrices(
  asked: { type: string; zone: string | undefined; at: Date },
  options: AwsOptions & { region: string },
): Promise<number[]> {
  const client = new EC2Client(clientSettings('EC2', options));
  // From now on is what holds now; the history before is not asked for.
  const command = new DescribeSpotPriceHistoryCommand({
    InstanceTypes: [asked.type as _InstanceType],
    ProductDescriptions: ['Linux/UNIX'],
    StartTime: asked.at,
    AvailabilityZone: asked.zone,
  });
  const answer = await client.send(command, { abortSignal: options.signal }).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    throw awsError(error, DOING, options.env);
  });
  return (answer.SpotPriceHistory ?? [])
    .filter((entry) => entry.InstanceType === asked.type)
    .map((entry) => Number(entry.SpotPrice))
    .filter((price) => price > 0);
}
