/** The requests about training jobs; what AWS refuses is a UserError. */
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateTrainingJobCommand,
  type CreateTrainingJobCommandInput,
  DescribeTrainingJobCommand,
  type DescribeTrainingJobCommandOutput,
  SageMakerClient,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { AwsError, awsError, regionMissing } from '../../../../shared/aws/aws-error.ts';
import { clientSettings } from '../../../../shared/aws/client-settings.ts';
import { PageBound } from '../../../../shared/page-bound.ts';

export type JobDescription = DescribeTrainingJobCommandOutput;
export type JobRequest = CreateTrainingJobCommandInput;

export interface LogPage {
  events: { timestamp: number; message: string }[];
  next: string | undefined;
}

const LOG_GROUP = '/aws/sagemaker/TrainingJobs';

/** @throws UserError when no region is set. */
export async function openTrainingService(env: NodeJS.ProcessEnv): Promise<TrainingService> {
  const client = new SageMakerClient(clientSettings('SAGEMAKER', { env }));
  const region = await client.config.region().catch(() => {
    throw regionMissing();
  });
  return new TrainingService(
    env,
    region,
    client,
    new CloudWatchLogsClient(clientSettings('CLOUDWATCH_LOGS', { env })),
  );
}

export class TrainingService {
  readonly region: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #jobs: SageMakerClient;
  readonly #logs: CloudWatchLogsClient;

  constructor(env: NodeJS.ProcessEnv, region: string, jobs: SageMakerClient, logs: CloudWatchLogsClient) {
    this.env = env;
    this.region = region;
    this.#jobs = jobs;
    this.#logs = logs;
  }

  /** @returns false where there is a job of this name: an earlier request whose answer was lost, or an earlier step. */
  async create(request: JobRequest): Promise<boolean> {
    try {
      await this.#ask(
        `start the training job ${request.TrainingJobName}`,
        'sagemaker:CreateTrainingJob',
        () => this.#jobs.send(new CreateTrainingJobCommand(request)),
      );
      return true;
    } catch (error) {
      const isThere =
        error instanceof AwsError && (error.code === 'ResourceInUse' || /already exist/i.test(error.said));
      if (isThere) return false;
      throw error;
    }
  }

  /** Undefined where there is none, or none that can be seen yet. */
  async describe(name: string): Promise<JobDescription | undefined> {
    try {
      return await this.#ask(`read the training job ${name}`, 'sagemaker:DescribeTrainingJob', () =>
        this.#jobs.send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
      );
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** What has ended already, or is ending, is done. @throws UserError where there is no such job. */
  async stop(name: string): Promise<void> {
    try {
      await this.#ask(`stop the training job ${name}`, 'sagemaker:StopTrainingJob', () =>
        this.#jobs.send(new StopTrainingJobCommand({ TrainingJobName: name })),
      );
    } catch (error) {
      const isOver = error instanceof AwsError && /in status|is already/i.test(error.said);
      if (!isOver) throw error;
    }
  }

  /** Every stream of a job, in the order in which its machines began. */
  async logStreams(job: string): Promise<string[]> {
    const found: { name: string; at: number }[] = [];
    const bound = new PageBound(`the log streams of ${job}`);
    let nextToken: string | undefined;
    do {
      const page = await this.#readLog(job, 'DescribeLogStreams', () =>
        this.#logs.send(
          new DescribeLogStreamsCommand({
            logGroupName: LOG_GROUP,
            logStreamNamePrefix: `${job}/`,
            nextToken,
          }),
        ),
      );
      for (const { logStreamName: name, creationTime: at = 0 } of page?.logStreams ?? [])
        if (name !== undefined) found.push({ name, at });
      nextToken = page?.nextToken;
      bound.turn(page?.logStreams?.length ?? 0, nextToken);
    } while (nextToken !== undefined);
    found.sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
    return found.map(({ name }) => name);
  }

  /** @param from a token of an earlier page, or milliseconds since 1970. */
  async logEvents(
    job: string,
    stream: string,
    from: { token: string } | { since: number },
  ): Promise<LogPage> {
    const page = await this.#readLog(job, 'GetLogEvents', () =>
      this.#logs.send(
        new GetLogEventsCommand({
          ...{ logGroupName: LOG_GROUP, logStreamName: stream, startFromHead: true },
          ...('token' in from ? { nextToken: from.token } : { startTime: from.since }),
        }),
      ),
    );
    const events = (page?.events ?? []).map(({ timestamp = 0, message = '' }) => ({ timestamp, message }));
    return { events, next: page?.nextForwardToken };
  }

  async #readLog<Result>(
    job: string,
    operation: string,
    work: () => Promise<Result>,
  ): Promise<Result | undefined> {
    try {
      return await this.#ask(`read the log of ${job}`, `logs:${operation}`, work, LOG_GROUP);
    } catch (error) {
      // The group comes with the first line that any job prints.
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async #ask<Result>(
    what: string,
    permission: string,
    work: () => Promise<Result>,
    resource = 'its training jobs',
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw awsError(error, { what, permission, resource }, this.env);
    }
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof AwsError &&
  (/^ResourceNotFound/.test(error.code) || /not found|does not exist|could not find/i.test(error.said));
