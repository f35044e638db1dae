import {
  ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyRequest,
  paginateDescribeScalableTargets,
  paginateDescribeScalingPolicies,
  RegisterScalableTargetCommand,
  type RegisterScalableTargetRequest,
  type ScalableTarget,
  type ScalingPolicy,
} from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand, type StateValue } from '@aws-sdk/client-cloudwatch';
import {
  AddTagsCommand,
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  type CreateEndpointConfigCommandInput,
  CreateModelCommand,
  type CreateModelCommandInput,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteTagsCommand,
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigCommandOutput,
  DescribeModelCommand,
  type DescribeModelCommandOutput,
  type DesiredWeightAndCapacity,
  paginateListEndpointConfigs,
  paginateListModels,
  paginateListTags,
  SageMakerClient,
  type Tag,
  UpdateEndpointCommand,
  type UpdateEndpointCommandInput,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { regionMissing } from '../../../../shared/aws/aws-error.ts';
import { type AwsService, clientSettings } from '../../../../shared/aws/client-settings.ts';
import { KnownPackages } from '../../../../shared/registries/sagemaker/known-packages.ts';
import { DIGEST_PROPERTY } from '../../../../shared/registries/sagemaker/package-fields.ts';
import { type DescribedPackage, openService } from '../../../../shared/registries/sagemaker/service.ts';
import type { DeployedModel } from '../target.ts';
import { askAws, type CallOptions, isThere, orMissing } from './endpoint-calls.ts';

export type Endpoint = DescribeEndpointCommandOutput;
export type EndpointConfig = DescribeEndpointConfigCommandOutput;
export type Tags = Record<string, string>;

export interface EndpointServiceOptions extends CallOptions {
  /** Without one byte in this time a connection is taken for dead, in place of the usual minute. */
  silenceMs?: number;
}

const SCALING = {
  ServiceNamespace: 'sagemaker',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
} as const;

/** A page that names itself as the next ends a list. */
const PAGES = { stopOnSameToken: true } as const;

/** Every request about one endpoint; what AWS refuses is a UserError that says which permission it takes. */
export class EndpointService {
  readonly endpoint: string;
  readonly region: string;
  readonly #options: EndpointServiceOptions;
  readonly #sagemaker: SageMakerClient;
  readonly #runtime: SageMakerRuntimeClient;
  readonly #scaling: ApplicationAutoScalingClient;
  readonly #cloudwatch: CloudWatchClient;
  readonly #configs = new Map<string, { config: EndpointConfig; tags: Tags }>();

  /** @throws UserError when no region is set. */
  static async open(options: EndpointServiceOptions): Promise<EndpointService> {
    const sagemaker = new SageMakerClient(settings('SAGEMAKER', options));
    const region = await sagemaker.config.region().catch(() => {
      throw regionMissing();
    });
    return new EndpointService(options, region, sagemaker);
  }

  private constructor(options: EndpointServiceOptions, region: string, sagemaker: SageMakerClient) {
    this.endpoint = options.endpointName;
    this.region = region;
    this.#options = options;
    this.#sagemaker = sagemaker;
    this.#runtime = new SageMakerRuntimeClient(settings('SAGEMAKER_RUNTIME', options));
    this.#scaling = new ApplicationAutoScalingClient(settings('APPLICATION_AUTO_SCALING', options));
    this.#cloudwatch = new CloudWatchClient(settings('CLOUDWATCH', options));
  }

  describeEndpoint(): Promise<Endpoint | undefined> {
    const command = new DescribeEndpointCommand({ EndpointName: this.endpoint });
    return orMissing(
      this.#ask('read', 'DescribeEndpoint', (signal) => this.#sagemaker.send(command, signal)),
    );
  }

  describeConfig(name: string): Promise<EndpointConfig | undefined> {
    const command = new DescribeEndpointConfigCommand({ EndpointConfigName: name });
    return orMissing(
      this.#ask('read the config of', 'DescribeEndpointConfig', (signal) =>
        this.#sagemaker.send(command, signal),
      ),
    );
  }

  /** With its tags. A config cannot be changed, and its tags are those that it was made with: each is read once. */
  async configWithTags(name: string): Promise<{ config: EndpointConfig; tags: Tags } | undefined> {
    const known = this.#configs.get(name);
    if (known) return known;
    const config = await this.describeConfig(name);
    if (!config) return undefined;
    const found = { config, tags: await this.tags(config.EndpointConfigArn ?? '') };
    this.#configs.set(name, found);
    return found;
  }

  describeModel(name: string): Promise<DescribeModelCommandOutput | undefined> {
    const command = new DescribeModelCommand({ ModelName: name });
    return orMissing(
      this.#ask('read a model of', 'DescribeModel', (signal) => this.#sagemaker.send(command, signal)),
    );
  }

  /** The version in SageMaker's registry; undefined when there is none of this digest. */
  async packageOf(name: string, digest: string): Promise<(DescribedPackage & { arn: string }) | undefined> {
    const registry = await openService(name, this.#registryOptions());
    const found = await registry.untilSeen(() => new KnownPackages(registry).find(digest));
    const described = found && (await registry.untilSeen(() => registry.describe(found.arn)));
    return described && { ...described, arn: found.arn };
  }

  /** The model of a package; undefined when register-model did not make it. @param arn with the version. */
  async packagedModel(arn: string): Promise<DeployedModel | undefined> {
    const [, group] = /model-package\/([^/]+)\/\d+$/.exec(arn) ?? [];
    if (group === undefined) return undefined;
    const registry = await openService(group, this.#registryOptions());
    const digest = (await registry.describe(arn))?.CustomerMetadataProperties?.[DIGEST_PROPERTY];
    return digest === undefined ? undefined : { digest, uri: `sagemaker:${group}@${digest}` };
  }

  #registryOptions() {
    const { env, signal } = this.#options;
    return { env, ...(signal.aborted ? {} : { signal }) };
  }

  /** None for what does not exist. */
  async tags(arn: string): Promise<Tags> {
    const found = await orMissing(
      this.#all('read the tags of', 'ListTags', (signal) =>
        paginateListTags({ client: this.#sagemaker, ...PAGES }, { ResourceArn: arn }, signal),
      ),
    );
    const tags = (found ?? []).flatMap((page) => page.Tags ?? []);
    return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  }

  /** All in one request: they are there together or not at all. */
  async addTags(arn: string, tags: Tags): Promise<void> {
    const command = new AddTagsCommand({ ResourceArn: arn, Tags: tagList(tags) });
    await this.#ask('tag', 'AddTags', (signal) => this.#sagemaker.send(command, signal));
  }

  async deleteTags(arn: string, keys: string[]): Promise<void> {
    const command = new DeleteTagsCommand({ ResourceArn: arn, TagKeys: keys });
    await this.#ask('remove tags of', 'DeleteTags', (signal) => this.#sagemaker.send(command, signal));
  }

  /** @returns false when there is one of this name already. */
  createModel(input: Omit<CreateModelCommandInput, 'Tags'>, tags: Tags): Promise<boolean> {
    const command = new CreateModelCommand({ ...input, Tags: tagList(tags) });
    return unlessThere(
      this.#ask('make a model for', 'CreateModel', (signal) => this.#sagemaker.send(command, signal)),
    );
  }

  /** @returns false when there is one of this name already. */
  createConfig(input: Omit<CreateEndpointConfigCommandInput, 'Tags'>, tags: Tags): Promise<boolean> {
    const command = new CreateEndpointConfigCommand({ ...input, Tags: tagList(tags) });
    return unlessThere(
      this.#ask('make a config for', 'CreateEndpointConfig', (signal) =>
        this.#sagemaker.send(command, signal),
      ),
    );
  }

  /** @returns false when there is one of this name already. */
  createEndpoint(config: string, tags: Tags): Promise<boolean> {
    const input = { EndpointName: this.endpoint, EndpointConfigName: config, Tags: tagList(tags) };
    const command = new CreateEndpointCommand(input);
    return unlessThere(
      this.#ask('make', 'CreateEndpoint', (signal) => this.#sagemaker.send(command, signal)),
    );
  }

  async updateEndpoint(input: Omit<UpdateEndpointCommandInput, 'EndpointName'>): Promise<void> {
    const command = new UpdateEndpointCommand({ ...input, EndpointName: this.endpoint });
    await this.#ask('update', 'UpdateEndpoint', (signal) => this.#sagemaker.send(command, signal));
  }

  /** Weights only: instance counts are left to whoever set them. */
  async updateWeights(
    weights: Pick<DesiredWeightAndCapacity, 'VariantName' | 'DesiredWeight'>[],
  ): Promise<void> {
    const input = { EndpointName: this.endpoint, DesiredWeightsAndCapacities: weights };
    const command = new UpdateEndpointWeightsAndCapacitiesCommand(input);
    await this.#ask('set the weights of', 'UpdateEndpointWeightsAndCapacities', (signal) =>
      this.#sagemaker.send(command, signal),
    );
  }

  async deleteEndpoint(): Promise<void> {
    const command = new DeleteEndpointCommand({ EndpointName: this.endpoint });
    await orMissing(this.#ask('delete', 'DeleteEndpoint', (signal) => this.#sagemaker.send(command, signal)));
  }

  async deleteConfig(name: string): Promise<void> {
    const command = new DeleteEndpointConfigCommand({ EndpointConfigName: name });
    await orMissing(
      this.#ask('delete a config of', 'DeleteEndpointConfig', (signal) =>
        this.#sagemaker.send(command, signal),
      ),
    );
  }

  async deleteModel(name: string): Promise<void> {
    const command = new DeleteModelCommand({ ModelName: name });
    await orMissing(
      this.#ask('delete a model of', 'DeleteModel', (signal) => this.#sagemaker.send(command, signal)),
    );
  }

  async configNames(contains: string): Promise<string[]> {
    const pages = await this.#all('list the configs of', 'ListEndpointConfigs', (signal) =>
      paginateListEndpointConfigs({ client: this.#sagemaker, ...PAGES }, { NameContains: contains }, signal),
    );
    return pages
      .flatMap((page) => page.EndpointConfigs ?? [])
      .map(({ EndpointConfigName = '' }) => EndpointConfigName);
  }

  async modelNames(contains: string): Promise<string[]> {
    const pages = await this.#all('list the models of', 'ListModels', (signal) =>
      paginateListModels({ client: this.#sagemaker, ...PAGES }, { NameContains: contains }, signal),
    );
    return pages.flatMap((page) => page.Models ?? []).map(({ ModelName = '' }) => ModelName);
  }

  /** Throws what the SDK throws. @param variant null for whichever the weights choose. */
  invoke(body: string, variant: string | null, signal?: AbortSignal) {
    const command = new InvokeEndpointCommand({
      EndpointName: this.endpoint,
      Body: new TextEncoder().encode(body),
      ContentType: 'application/json',
      ...(variant === null ? {} : { TargetVariant: variant }),
    });
    return this.#runtime.send(command, { abortSignal: signal ?? this.#options.signal });
  }

  /** Of all variants that this endpoint has or had. */
  async scalableTargets(): Promise<ScalableTarget[]> {
    const pages = await this.#all(
      'read the autoscaling of',
      'DescribeScalableTargets',
      (signal) =>
        paginateDescribeScalableTargets({ client: this.#scaling, ...PAGES }, { ...SCALING }, signal),
      'application-autoscaling',
    );
    const own = `endpoint/${this.endpoint}/variant/`;
    return pages
      .flatMap((page) => page.ScalableTargets ?? [])
      .filter(({ ResourceId }) => ResourceId?.startsWith(own));
  }

  async scalingPolicies(variant: string): Promise<ScalingPolicy[]> {
    const pages = await this.#all(
      'read the autoscaling of',
      'DescribeScalingPolicies',
      (signal) =>
        paginateDescribeScalingPolicies(
          { client: this.#scaling, ...PAGES },
          { ...SCALING, ResourceId: this.scalingResource(variant) },
          signal,
        ),
      'application-autoscaling',
    );
    return pages.flatMap((page) => page.ScalingPolicies ?? []);
  }

  async registerScaling(
    variant: string,
    target: Pick<RegisterScalableTargetRequest, 'MinCapacity' | 'MaxCapacity' | 'SuspendedState'>,
  ): Promise<void> {
    const input = { ...target, ...SCALING, ResourceId: this.scalingResource(variant) };
    await this.#askScaling('RegisterScalableTarget', (signal) =>
      this.#scaling.send(new RegisterScalableTargetCommand(input), signal),
    );
  }

  async putScalingPolicy(
    variant: string,
    policy: Omit<PutScalingPolicyRequest, 'ResourceId' | 'ServiceNamespace' | 'ScalableDimension'>,
  ): Promise<void> {
    const input = { ...policy, ...SCALING, ResourceId: this.scalingResource(variant) };
    await this.#askScaling('PutScalingPolicy', (signal) =>
      this.#scaling.send(new PutScalingPolicyCommand(input), signal),
    );
  }

  /** Its policies go with it. */
  async deregisterScaling(variant: string): Promise<void> {
    const command = new DeregisterScalableTargetCommand({
      ...SCALING,
      ResourceId: this.scalingResource(variant),
    });
    await orMissing(
      this.#askScaling('DeregisterScalableTarget', (signal) => this.#scaling.send(command, signal)),
    );
  }

  scalingResource(variant: string): string {
    return `endpoint/${this.endpoint}/variant/${variant}`;
  }

  /** Those that exist, by name. @param names at most 100. */
  async alarms(names: string[]): Promise<{ AlarmName?: string; StateValue?: StateValue }[]> {
    const command = new DescribeAlarmsCommand({
      AlarmNames: names,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    });
    const found = await this.#ask(
      'read the alarms of',
      'DescribeAlarms',
      (signal) => this.#cloudwatch.send(command, signal),
      'cloudwatch',
    );
    return [...(found.MetricAlarms ?? []), ...(found.CompositeAlarms ?? [])];
  }

  #ask<Result>(
    verb: string,
    operation: string,
    work: (signal: { abortSignal: AbortSignal }) => Promise<Result>,
    service = 'sagemaker',
  ): Promise<Result> {
    return askAws(this.#options, verb, `${service}:${operation}`, work);
  }

  #askScaling<Result>(
    operation: string,
    work: (signal: { abortSignal: AbortSignal }) => Promise<Result>,
  ): Promise<Result> {
    return this.#ask('set the autoscaling of', operation, work, 'application-autoscaling');
  }

  #all<Page>(
    verb: string,
    operation: string,
    pages: (signal: { abortSignal: AbortSignal }) => AsyncIterable<Page>,
    service?: string,
  ): Promise<Page[]> {
    const read = async (signal: { abortSignal: AbortSignal }) => {
      const found: Page[] = [];
      for await (const page of pages(signal)) found.push(page);
      return found;
    };
    return this.#ask(verb, operation, read, service);
  }
}

function settings(service: AwsService, options: EndpointServiceOptions) {
  const usual = clientSettings(service, options);
  if (options.silenceMs === undefined) return usual;
  return { ...usual, requestHandler: { ...usual.requestHandler, socketTimeout: options.silenceMs } };
}

const tagList = (tags: Tags): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

async function unlessThere(made: Promise<unknown>): Promise<boolean> {
  try {
    await made;
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    throw error;
  }
}
