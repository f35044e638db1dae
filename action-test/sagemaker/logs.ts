/** CloudWatch Logs, as far as training jobs write it and clients read it. */
import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import type { OperationHandler, SageMakerState, SageMakerWorld } from './state.ts';
import type { LogStream } from './training-shapes.ts';

export const TRAINING_LOGS = '/aws/sagemaker/TrainingJobs';
/** Events on one page where none is asked for; AWS has 10,000. */
const PAGE = 1000;

export function writeLog(
  state: SageMakerState,
  stream: Pick<LogStream, 'group' | 'name'>,
  message: string,
  at: number,
): void {
  const key = `${stream.group} ${stream.name}`;
  const found = state.logs.get(key) ?? { ...stream, createdAt: at, events: [] };
  state.logs.set(key, found);
  // CloudWatch keeps no empty message.
  found.events.push({ timestamp: at, message: message === '' ? ' ' : message });
}

/** What can be read of a stream by now. */
const readable = ({ events }: LogStream, world: SageMakerWorld) =>
  events.filter(({ timestamp }) => timestamp + world.machines.logDelayMs <= world.now());

const missing = (what: string): AwsFault =>
  new AwsFault('ResourceNotFoundException', `The specified log ${what} does not exist.`);

function streamsOf(input: Record<string, unknown>, world: SageMakerWorld): LogStream[] {
  const all = [...world.state.logs.values()].filter(({ group }) => group === input.logGroupName);
  if (all.length === 0) throw missing('group');
  return all.filter(({ name }) => name.startsWith(String(input.logStreamNamePrefix ?? '')));
}

export const logOperations: Record<string, OperationHandler> = {
  DescribeLogStreams(input, world) {
    const found = streamsOf(input, world).sort((a, b) => (a.name < b.name ? -1 : 1));
    const start = Number(input.nextToken ?? 0);
    const end = start + Number(input.limit ?? 50);
    return {
      logStreams: found.slice(start, end).map(({ name, createdAt, events }) => ({
        logStreamName: name,
        creationTime: createdAt,
        firstEventTimestamp: events[0]?.timestamp,
        lastEventTimestamp: events.at(-1)?.timestamp,
      })),
      nextToken: end < found.length ? String(end) : undefined,
    };
  },
  GetLogEvents(input, world) {
    const stream = streamsOf(input, world).find(({ name }) => name === input.logStreamName);
    if (!stream) throw missing('stream');
    const events = readable(stream, world);
    const since = events.findIndex(({ timestamp }) => timestamp >= Number(input.startTime ?? 0));
    const [, at] = /^f\/(\d+)$/.exec(String(input.nextToken ?? '')) ?? [];
    if (input.nextToken !== undefined && at === undefined)
      throw new AwsFault('InvalidParameterException', 'The specified nextToken is invalid.');
    const first =
      input.startFromHead === true ? (since < 0 ? events.length : since) : Math.max(0, events.length - PAGE);
    const start = at === undefined ? first : Number(at);
    const page = events.slice(start, start + Number(input.limit ?? PAGE));
    return {
      events: page.map((event) => ({ ...event, ingestionTime: event.timestamp + world.machines.logDelayMs })),
      nextForwardToken: `f/${start + page.length}`,
      nextBackwardToken: `b/${start}`,
    };
  },
  FilterLogEvents(input, world) {
    const names = input.logStreamNames as string[] | undefined;
    const events = streamsOf(input, world)
      .filter(({ name }) => names?.includes(name) ?? true)
      .flatMap((stream) => readable(stream, world).map((event) => ({ ...event, logStreamName: stream.name })))
      .filter(({ timestamp }) => timestamp >= Number(input.startTime ?? 0))
      .sort((a, b) => a.timestamp - b.timestamp);
    const start = Number(input.nextToken ?? 0);
    const end = start + Number(input.limit ?? PAGE);
    return {
      events: events.slice(start, end).map((event, index) => ({ ...event, eventId: String(start + index) })),
      nextToken: end < events.length ? String(end) : undefined,
    };
  },
};
