import {
  AddTagsCommand,
  CreateModelPackageCommand,
  type CreateModelPackageCommandInput,
  CreateModelPackageGroupCommand,
  DeleteModelPackageCommand,
  DescribeModelPackageCommand,
  type DescribeModelPackageCommandOutput,
  DescribeModelPackageGroupCommand,
  ListModelPackagesCommand,
  ListTagsCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
  type UpdateModelPackageCommandInput,
} from '@aws-sdk/client-sagemaker';
import { AwsError, awsError, regionMissing } from '../../aws/aws-error.ts';
import { clientSettings } from '../../aws/client-settings.ts';
import { PageBound } from '../../page-bound.ts';
import type { RegistryOptions } from '../registry-interface.ts';

/** A package as lists show it. */
export interface PackageSummary {
  arn: string;
  version: number;
  description: string;
  /** ISO 8601. */
  createdAt?: string;
}

export type DescribedPackage = DescribeModelPackageCommandOutput;
export type NewPackage = Omit<CreateModelPackageCommandInput, 'ModelPackageGroupName'>;

const PACKAGES_PER_PAGE = 100;

/** @throws UserError when no region is set. */
export async function openService(name: string, options: RegistryOptions): Promise<SageMakerService> {
  const client = new SageMakerClient(clientSettings('SAGEMAKER', options));
  const region = await client.config.region().catch(() => {
    throw regionMissing();
  });
  return new SageMakerService(name, region, { client, options });
}

interface Connection {
  client: SageMakerClient;
  options: RegistryOptions;
}

/** The requests to SageMaker about one group of model packages; what it refuses is a UserError. */
export class SageMakerService {
  readonly name: string;
  readonly region: string;
  readonly #connection: Connection;

  constructor(name: string, region: string, connection: Connection) {
    this.name = name;
    this.region = region;
    this.#connection = connection;
  }

  /** The ARN of the group; undefined when there is none. */
  groupArn(): Promise<string | undefined> {
    return this.#orMissing('read', 'DescribeModelPackageGroup', async ({ client }, signal) => {
      const command = new DescribeModelPackageGroupCommand({ ModelPackageGroupName: this.name });
      return (await client.send(command, signal)).ModelPackageGroupArn;
    });
  }

  /** That it is there already is what was wanted. */
  async createGroup(description: string, tags: Record<string, string>): Promise<void> {
    try {
      await this.#ask('make', 'CreateModelPackageGroup', ({ client }, signal) =>
        client.send(
          new CreateModelPackageGroupCommand({
            ModelPackageGroupName: this.name,
            ModelPackageGroupDescription: description,
            Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          }),
          signal,
        ),
      );
    } catch (error) {
      if (!(error instanceof AwsError) || !/already exist/i.test(error.said)) throw error;
    }
  }

  async tags(arn: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    const bound = new PageBound(`the tags of ${this.name} in SageMaker`);
    let NextToken: string | undefined;
    do {
      const page = await this.#ask('read the tags of', 'ListTags', ({ client }, signal) =>
        client.send(new ListTagsCommand({ ResourceArn: arn, NextToken }), signal),
      );
      for (const { Key = '', Value = '' } of page.Tags ?? []) found[Key] = Value;
      ({ NextToken } = page);
      bound.turn(page.Tags?.length ?? 0, NextToken);
    } while (NextToken !== undefined);
    return found;
  }

  async addTag(arn: string, key: string, value: string): Promise<void> {
    await this.#ask('tag', 'AddTags', ({ client }, signal) =>
      client.send(new AddTagsCommand({ ResourceArn: arn, Tags: [{ Key: key, Value: value }] }), signal),
    );
  }

  /** The packages of the group that did not fail, oldest first; none when there is no group. */
  async packages(): Promise<PackageSummary[]> {
    const found: PackageSummary[] = [];
    const bound = new PageBound(`the versions of ${this.name} in SageMaker`);
    let NextToken: string | undefined;
    do {
      const page = await this.#orMissing('list the versions of', 'ListModelPackages', ({ client }, signal) =>
        client.send(
          new ListModelPackagesCommand({
            ModelPackageGroupName: this.name,
            MaxResults: PACKAGES_PER_PAGE,
            NextToken,
          }),
          signal,
        ),
      );
      for (const entry of page?.ModelPackageSummaryList ?? []) {
        const { ModelPackageArn: arn, ModelPackageVersion: version, ModelPackageStatus: status } = entry;
        if (arn === undefined || version === undefined || status === 'Failed' || status === 'Deleting')
          continue;
        const createdAt = entry.CreationTime?.toISOString();
        const description = entry.ModelPackageDescription ?? '';
        found.push({ arn, version, description, ...(createdAt ? { createdAt } : {}) });
      }
      NextToken = page?.NextToken;
      bound.turn(page?.ModelPackageSummaryList?.length ?? 0, NextToken);
    } while (NextToken !== undefined);
    return found.sort((a, b) => a.version - b.version);
  }

  /** Undefined when there is none, or none that can be seen yet. */
  describe(arn: string): Promise<DescribedPackage | undefined> {
    return this.#orMissing('read a version of', 'DescribeModelPackage', ({ client }, signal) =>
      client.send(new DescribeModelPackageCommand({ ModelPackageName: arn }), signal),
    );
  }

  /** Undefined when the token was used for something else. @returns the ARN. */
  async create(input: NewPackage): Promise<string | undefined> {
    try {
      const { ModelPackageArn } = await this.#ask(
        'make a version of',
        'CreateModelPackage',
        ({ client }, signal) =>
          client.send(new CreateModelPackageCommand({ ...input, ModelPackageGroupName: this.name }), signal),
      );
      return ModelPackageArn;
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ConflictException') return undefined;
      throw error;
    }
  }

  async update(input: UpdateModelPackageCommandInput): Promise<void> {
    await this.#ask('change a version of', 'UpdateModelPackage', ({ client }, signal) =>
      client.send(new UpdateModelPackageCommand(input), signal),
    );
  }

  /** What is gone already is done. */
  async delete(arn: string): Promise<void> {
    await this.#orMissing('remove a version of', 'DeleteModelPackage', ({ client }, signal) =>
      client.send(new DeleteModelPackageCommand({ ModelPackageName: arn }), signal),
    );
  }

  async #orMissing<Result>(verb: string, operation: string, work: Work<Result>): Promise<Result | undefined> {
    try {
      return await this.#ask(verb, operation, work);
    } catch (error) {
      const isMissing =
        error instanceof AwsError &&
        (error.code === 'ResourceNotFound' || /does not exist|not found|cannot find/i.test(error.said));
      if (isMissing) return undefined;
      throw error;
    }
  }

  async #ask<Result>(verb: string, operation: string, work: Work<Result>): Promise<Result> {
    const { signal, env } = this.#connection.options;
    signal?.throwIfAborted();
    try {
      return await work(this.#connection, signal ? { abortSignal: signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      const what = `${verb} the model package group ${this.name}`;
      throw awsError(
        error,
        { what, permission: `sagemaker:${operation}`, resource: `the group ${this.name} and its packages` },
        env,
      );
    }
  }

  /** Asks again until there is an answer: what was just made may be invisible for a moment. */
  async untilSeen<Result>(look: () => Promise<Result | undefined>): Promise<Result | undefined> {
    for (const pause of [0, 500, 1000, 2000]) {
      if (pause > 0) await this.wait(pause);
      const found = await look();
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async wait(milliseconds: number): Promise<void> {
    const { wait, signal } = this.#connection.options;
    if (wait) return wait(milliseconds);
    const { setTimeout } = await import('node:timers/promises');
    await setTimeout(milliseconds, undefined, signal ? { signal } : {});
  }
}

type Work<Result> = (connection: Connection, signal: { abortSignal?: AbortSignal }) => Promise<Result>;
