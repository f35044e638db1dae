import { CloudWatchClient, DescribeAlarmsCommand, type StateValue } from '@aws-sdk/client-cloudwatch';
import type { AwsRequests } from './aws-requests.ts';

/** Those that exist, by name. @param names at most 100. */
export async function readAlarms(
  requests: AwsRequests,
  names: string[],
): Promise<{ AlarmName?: string; StateValue?: StateValue }[]> {
  const client = new CloudWatchClient(requests.settings('CLOUDWATCH'));
  const command = new DescribeAlarmsCommand({
    AlarmNames: names,
    AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
  });
  const found = await requests.ask(
    'read the alarms of',
    'DescribeAlarms',
    (signal) => client.send(command, signal),
    'cloudwatch',
  );
  return [...(found.MetricAlarms ?? []), ...(found.CompositeAlarms ?? [])];
}
