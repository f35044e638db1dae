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
  UpdateEndpointCommand,
  type UpdateEndpointCommandInput,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { regionMissing } from '../../../../shared/aws/aws-error.ts';
import {
  type AwsRequestOptions,
  AwsRequests,
  PAGES,
  type Tags,
  tagList,
  unlessThere,
} from './aws-requests.ts';
import { orMissing } from './endpoint-calls.ts';
import { RegisteredPackages } from './registered-packages.ts';
import { ScalingService } from './scaling-service.ts';

export type Endpoint = DescribeEndpointCommandOutput;
export type EndpointConfig = DescribeEndpointConfigCommandOutput;

/** Every request about one endpoint; what AWS refuses is a UserError that says which permission it takes. */
export class EndpointService {
  readonly endpoint: string;
  readonly region: string;
  readonly requests: AwsRequests;
  readonly scaling: ScalingService;
  readonly packages: RegisteredPackages;
  readonly #signal: AbortSignal;
  readonly #sagemaker: SageMakerClient;
  readonly #runtime: SageMakerRuntimeClient;
  readonly #configs = new Map<string, { config: EndpointConfig; tags: Tags }>();

  /** @throws UserError when no region is set. */
  static async open(options: AwsRequestOptions): Promise<EndpointService> {
    const requests = new AwsRequests(options);
    const sagemaker = new SageMakerClient(requests.settings('SAGEMAKER'));
    const region = await sagemaker.config.region().catch(() => {
      throw regionMissing();
    });
    return new EndpointService(options, requests, region, sagemaker);
  }

  private constructor(
    options: AwsRequestOptions,
    requests: AwsRequests,
    region: string,
    sagemaker: SageMakerClient,
  ) {
    this.endpoint = options.endpointName;
    this.region = region;
    this.requests = requests;
    this.scaling = new ScalingService(requests);
    this.packages = new RegisteredPackages(options);
    this.#signal = options.signal;
    this.#sagemaker = sagemaker;
    this.#runtime = new SageMakerRuntimeClient(requests.settings('SAGEMAKER_RUNTIME'));
  }

  describeEndpoint(): Promise<Endpoint | undefined> {
    const command = new DescribeEndpointCommand({ EndpointName: this.endpoint });
    return orMissing(
      this.requests.ask('read', 'DescribeEndpoint', (signal) => this.#sagemaker.send(command, signal)),
    );
  }

  describeConfig(name: string): Promise<EndpointConfig | undefined> {
    const command = new DescribeEndpointConfigCommand({ EndpointConfigName: name });
    return orMissing(
      this.requests.ask('read the config of', 'DescribeEndpointConfig', (signal) =>
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
      this.requests.ask('read a model of', 'DescribeModel', (signal) =>
        this.#sagemaker.send(command, signal),
      ),
    );
  }

  /** None for what does not exist. */
  async tags(arn: string): Promise<Tags> {
    const found = await orMissing(
      this.requests.all('read the tags of', 'ListTags', (signal) =>
        paginateListTags({ client: this.#sagemaker, ...PAGES }, { ResourceArn: arn }, signal),
      ),
    );
    const tags = (found ?? []).flatMap((page) => page.Tags ?? []);
    return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  }

  /** All in one request: they are there together or not at all. */
  async addTags(arn: string, tags: Tags): Promise<void> {
    const command = new AddTagsCommand({ ResourceArn: arn, Tags: tagList(tags) });
    await this.requests.ask('tag', 'AddTags', (signal) => this.#sagemaker.send(command, signal));
  }

  async deleteTags(arn: string, keys: string[]): Promise<void> {
    const command = new DeleteTagsCommand({ ResourceArn: arn, TagKeys: keys });
    await this.requests.ask('remove tags of', 'DeleteTags', (signal) =>
      this.#sagemaker.send(command, signal),
    );
  }

  /** @returns false when there is one of this name already. */
  createModel(input: Omit<CreateModelCommandInput, 'Tags'>, tags: Tags): Promise<boolean> {
    const command = new CreateModelCommand({ ...input, Tags: tagList(tags) });
    return unlessThere(
      this.requests.ask('make a model for', 'CreateModel', (signal) => this.#sagemaker.send(command, signal)),
    );
  }

  /** @returns false when there is one of this name already. */
  createConfig(input: Omit<CreateEndpointConfigCommandInput, 'Tags'>, tags: Tags): Promise<boolean> {
    const command = new CreateEndpointConfigCommand({ ...input, Tags: tagList(tags) });
    return unlessThere(
      this.requests.ask('make a config for', 'CreateEndpointConfig', (signal) =>
        this.#sagemaker.send(command, signal),
      ),
    );
  }

  /** @returns false when there is one of this name already. */
  createEndpoint(config: string, tags: Tags): Promise<boolean> {
    const input = { EndpointName: this.endpoint, EndpointConfigName: config, Tags: tagList(tags) };
    const command = new CreateEndpointCommand(input);
    return unlessThere(
      this.requests.ask('make', 'CreateEndpoint', (signal) => this.#sagemaker.send(command, signal)),
    );
  }

  async updateEndpoint(input: Omit<UpdateEndpointCommandInput, 'EndpointName'>): Promise<void> {
    const command = new UpdateEndpointCommand({ ...input, EndpointName: this.endpoint });
    await this.requests.ask('update', 'UpdateEndpoint', (signal) => this.#sagemaker.send(command, signal));
  }

  /** Weights only: instance counts are left to whoever set them. */
  async updateWeights(
    weights: Pick<DesiredWeightAndCapacity, 'VariantName' | 'DesiredWeight'>[],
  ): Promise<void> {
    const input = { EndpointName: this.endpoint, DesiredWeightsAndCapacities: weights };
    const command = new UpdateEndpointWeightsAndCapacitiesCommand(input);
    await this.requests.ask('set the weights of', 'UpdateEndpointWeightsAndCapacities', (signal) =>
      this.#sagemaker.send(command, signal),
    );
  }

  async deleteEndpoint(): Promise<void> {
    const command = new DeleteEndpointCommand({ EndpointName: this.endpoint });
    await orMissing(
      this.requests.ask('delete', 'DeleteEndpoint', (signal) => this.#sagemaker.send(command, signal)),
    );
  }

  async deleteConfig(name: string): Promise<void> {
    const command = new DeleteEndpointConfigCommand({ EndpointConfigName: name });
    await orMissing(
      this.requests.ask('delete a config of', 'DeleteEndpointConfig', (signal) =>
        this.#sagemaker.send(command, signal),
      ),
    );
  }

  async deleteModel(name: string): Promise<void> {
    const command = new DeleteModelCommand({ ModelName: name });
    await orMissing(
      this.requests.ask('delete a model of', 'DeleteModel', (signal) =>
        this.#sagemaker.send(command, signal),
      ),
    );
  }

  async configNames(contains: string): Promise<string[]> {
    const pages = await this.requests.all('list the configs of', 'ListEndpointConfigs', (signal) =>
      paginateListEndpointConfigs({ client: this.#sagemaker, ...PAGES }, { NameContains: contains }, signal),
    );
    return pages
      .flatMap((page) => page.EndpointConfigs ?? [])
      .map(({ EndpointConfigName = '' }) => EndpointConfigName);
  }

  async modelNames(contains: string): Promise<string[]> {
    const pages = await this.requests.all('list the models of', 'ListModels', (signal) =>
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
    return this.#runtime.send(command, { abortSignal: signal ?? this.#signal });
  }
}
