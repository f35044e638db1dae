/**
 * Machines of EC2 that end themselves: what is launched is tagged in the same request, ends for good when it powers
 * off, and is found again by its tags alone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EC2Client, Instance, Tag } from '@aws-sdk/client-ec2';
import { PassingError, retrying } from '../concurrency/retry.ts';
import { UserError } from '../errors.ts';
import { AwsError, awsError, isPassing } from './aws-error.ts';
import { type AwsOptions, clientSettings } from './client-settings.ts';
import {
  type MachineImage,
  type MachineRequest,
  type Market,
  runInstancesInput,
} from './run-instances-input.ts';

export interface Machine {
  id: string;
  state: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
  /** What AWS says of why it ended; null while it has not. */
  stateReason: string | null;
  type: string;
  zone: string;
  market: Market;
  launchedAt: Date;
  tags: Readonly<Record<string, string>>;
}

export interface Machines {
  /** @throws UserError where there is no such image here, or none that can be used. */
  image(id: string): Promise<MachineImage>;
  /** @throws AwsError; `isOutOfCapacity` tells whether another offer is worth a try. */
  launch(request: MachineRequest): Promise<Machine>;
  /** Those that have all of these tags and have not ended. */
  find(tags: Readonly<Record<string, string>>): Promise<Machine[]>;
  /** Undefined where AWS knows it no more, or not yet. */
  look(id: string): Promise<Machine | undefined>;
  /** Ends it for good; what has ended already is done. */
  end(id: string): Promise<void>;
  /** What it printed on its console, as far as AWS has it. */
  printed(id: string): Promise<string>;
}

const OUT_OF_CAPACITY = new Set([
  'InsufficientInstanceCapacity',
  'InsufficientHostCapacity',
  'InsufficientReservedInstanceCapacity',
  'InsufficientCapacity',
  'InsufficientFreeAddressesInSubnet',
  'UnfulfillableCapacity',
  'Unsupported',
  'SpotMaxPriceTooLow',
  'MaxSpotInstanceCountExceeded',
  'VcpuLimitExceeded',
  'InstanceLimitExceeded',
]);

/** Whether AWS has no such machine here and now, so that another type, zone or market may do. */
export const isOutOfCapacity = (error: unknown): error is AwsError =>
  error instanceof AwsError && OUT_OF_CAPACITY.has(error.code);

const LAUNCH_TRIES = 4;
const RUNNING_STATES = ['pending', 'running', 'stopping', 'stopped'];

type Sdk = typeof import('@aws-sdk/client-ec2');

export class Ec2Machines implements Machines {
  private readonly options: AwsOptions;
  private readonly wait: (milliseconds: number) => Promise<void>;
  private loaded: Promise<{ sdk: Sdk; client: EC2Client; launcher: EC2Client }> | undefined;

  /** @param wait between tries of a launch; the SDK waits by itself between its own. */
  constructor(options: AwsOptions, wait = (milliseconds: number) => sleep(milliseconds)) {
    this.options = options;
    this.wait = wait;
  }

  async image(id: string): Promise<MachineImage> {
    const { sdk, client } = await this.load();
    const doing = { what: `look up the image ${id}`, permission: 'ec2:DescribeImages', resource: '*' };
    const fix = 'Give the ami-… of a Linux image of this region that this account may use.';
    const answer = await this.ask(doing, (signal) =>
      client.send(new sdk.DescribeImagesCommand({ ImageIds: [id] }), signal),
    ).catch((error) => {
      if (error instanceof AwsError && error.code.startsWith('InvalidAMIID')) return undefined;
      throw error;
    });
    const [image] = answer?.Images ?? [];
    if (!image) throw new UserError(`There is no machine image ${id} in this region.`, { fix });
    const { State, Architecture, RootDeviceName, BlockDeviceMappings = [], Platform } = image;
    if (State !== 'available')
      throw new UserError(`The machine image ${id} cannot be used: it is ${State}.`, { fix });
    const architecture = Architecture === 'x86_64' ? 'x64' : Architecture === 'arm64' ? 'arm64' : undefined;
    if (!architecture || Platform?.toLowerCase() === 'windows' || !RootDeviceName)
      throw new UserError(`The machine image ${id} is no Linux image for x86_64 or arm64.`, { fix });
    const root = BlockDeviceMappings.find(({ DeviceName }) => DeviceName === RootDeviceName);
    return { id, architecture, rootDevice: RootDeviceName, volumeGiB: root?.Ebs?.VolumeSize ?? 0 };
  }

  async launch(request: MachineRequest): Promise<Machine> {
    const { sdk, launcher } = await this.load();
    const command = () => new sdk.RunInstancesCommand(runInstancesInput(request));
    const doing = {
      what: `launch a ${request.type} (${request.market}${request.subnet ? `, ${request.subnet}` : ''})`,
      permission: 'ec2:RunInstances, and ec2:CreateTags while launching,',
      resource: 'instances, volumes, images, subnets, security groups and network interfaces',
    };
    // No capacity is answered as a server's error: left to itself the SDK would ask again and again.
    const attempt = () =>
      this.ask(
        doing,
        (signal) => launcher.send(command(), signal),
        (error, told) => {
          if (!isPassing(error) || isOutOfCapacity(told) || !(told instanceof AwsError)) throw told;
          throw new PassingError(told);
        },
      );
    const { signal } = this.options;
    const answer = await retrying(attempt, {
      ...{ attempts: LAUNCH_TRIES, wait: this.wait },
      ...(signal && { signal }),
    });
    const [instance] = answer.Instances ?? [];
    if (!instance) throw new Error('AWS answered a launch without a machine');
    return machineOf(instance);
  }

  async find(tags: Readonly<Record<string, string>>): Promise<Machine[]> {
    const Filters = Object.entries(tags).map(([name, value]) => ({
      Name: `tag:${name}`,
      Values: [escapeFilter(value)],
    }));
    return this.describe({ Filters: [...Filters, { Name: 'instance-state-name', Values: RUNNING_STATES }] });
  }

  async look(id: string): Promise<Machine | undefined> {
    try {
      return (await this.describe({ InstanceIds: [id] }))[0];
    } catch (error) {
      if (error instanceof AwsError && error.code.startsWith('InvalidInstanceID')) return undefined;
      throw error;
    }
  }

  async end(id: string): Promise<void> {
    const { sdk, client } = await this.load();
    const doing = {
      what: `end the machine ${id}`,
      permission: 'ec2:TerminateInstances',
      resource: `the instance ${id}`,
    };
    await this.ask(doing, (signal) =>
      client.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] }), signal),
    ).catch((error) => {
      if (error instanceof AwsError && error.code.startsWith('InvalidInstanceID')) return;
      throw error;
    });
  }

  async printed(id: string): Promise<string> {
    const { sdk, client } = await this.load();
    const doing = {
      what: `read the console of ${id}`,
      permission: 'ec2:GetConsoleOutput',
      resource: `the instance ${id}`,
    };
    const read = (latest: boolean) =>
      this.ask(doing, (signal) =>
        client.send(
          new sdk.GetConsoleOutputCommand({ InstanceId: id, ...(latest && { Latest: true }) }),
          signal,
        ),
      );
    // Machines on the older virtualisation have no latest output.
    const { Output = '' } = await read(true).catch((error) => {
      if (error instanceof AwsError && error.code === 'UnsupportedOperation') return read(false);
      throw error;
    });
    return Buffer.from(Output, 'base64').toString();
  }

  private async describe(
    input: { InstanceIds: string[] } | { Filters: { Name: string; Values: string[] }[] },
  ): Promise<Machine[]> {
    const { sdk, client } = await this.load();
    const doing = { what: 'look for machines', permission: 'ec2:DescribeInstances', resource: '*' };
    const found: Machine[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await this.ask(doing, (signal) =>
        client.send(new sdk.DescribeInstancesCommand({ ...input, ...(NextToken && { NextToken }) }), signal),
      );
      for (const { Instances = [] } of answer.Reservations ?? []) found.push(...Instances.map(machineOf));
      NextToken = answer.NextToken || undefined;
    } while (NextToken);
    return found;
  }

  private async ask<Answer>(
    doing: { what: string; permission: string; resource: string },
    send: (signal: { abortSignal?: AbortSignal }) => Promise<Answer>,
    refuse: (error: unknown, told: unknown) => never = (_, told) => {
      throw told;
    },
  ): Promise<Answer> {
    const { signal, env } = this.options;
    try {
      return await send(signal ? { abortSignal: signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      return refuse(error, awsError(error, doing, env));
    }
  }

  private load() {
    this.loaded ??= import('@aws-sdk/client-ec2').then((sdk) => {
      const settings = clientSettings('EC2', this.options);
      return {
        sdk,
        client: new sdk.EC2Client(settings),
        launcher: new sdk.EC2Client({ ...settings, retryMode: 'standard', maxAttempts: 1 }),
      };
    });
    return this.loaded;
  }
}

/** In filters these stand for other characters. */
const escapeFilter = (value: string): string => value.replace(/[\\*?]/g, '\\$&');

function machineOf(instance: Instance): Machine {
  const { InstanceId, State, InstanceType, Placement, LaunchTime, InstanceLifecycle, Tags } = instance;
  if (!InstanceId || !State?.Name || !LaunchTime)
    throw new Error('AWS told of a machine without its number, state or time');
  return {
    id: InstanceId,
    state: State.Name,
    stateReason: instance.StateReason?.Message || instance.StateTransitionReason || null,
    type: InstanceType ?? 'unknown',
    zone: Placement?.AvailabilityZone ?? 'unknown',
    market: InstanceLifecycle === 'spot' ? 'spot' : 'on-demand',
    launchedAt: LaunchTime,
    tags: Object.fromEntries((Tags ?? []).map(({ Key = '', Value = '' }: Tag) => [Key, Value])),
  };
}
