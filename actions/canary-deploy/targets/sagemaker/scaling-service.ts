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
import { type AwsRequests, PAGES } from './aws-requests.ts';
import { orMissing } from './endpoint-calls.ts';

const SCALING = {
  ServiceNamespace: 'sagemaker',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
} as const;

/** The requests about the autoscaling of an endpoint's variants. */
export class ScalingService {
  readonly #requests: AwsRequests;
  readonly #client: ApplicationAutoScalingClient;

  constructor(requests: AwsRequests) {
    this.#requests = requests;
    this.#client = new ApplicationAutoScalingClient(requests.settings('APPLICATION_AUTO_SCALING'));
  }

  /** Of all variants that this endpoint has or had. */
  async targets(): Promise<ScalableTarget[]> {
    const pages = await this.#requests.all(
      'read the autoscaling of',
      'DescribeScalableTargets',
      (signal) => paginateDescribeScalableTargets({ client: this.#client, ...PAGES }, { ...SCALING }, signal),
      'application-autoscaling',
    );
    const own = `endpoint/${this.#requests.endpoint}/variant/`;
    return pages
      .flatMap((page) => page.ScalableTargets ?? [])
      .filter(({ ResourceId }) => ResourceId?.startsWith(own));
  }

  async policies(variant: string): Promise<ScalingPolicy[]> {
    const pages = await this.#requests.all(
      'read the autoscaling of',
      'DescribeScalingPolicies',
      (signal) =>
        paginateDescribeScalingPolicies(
          { client: this.#client, ...PAGES },
          { ...SCALING, ResourceId: this.resource(variant) },
          signal,
        ),
      'application-autoscaling',
    );
    return pages.flatMap((page) => page.ScalingPolicies ?? []);
  }

  async register(
    variant: string,
    target: Pick<RegisterScalableTargetRequest, 'MinCapacity' | 'MaxCapacity' | 'SuspendedState'>,
  ): Promise<void> {
    const input = { ...target, ...SCALING, ResourceId: this.resource(variant) };
    await this.#ask('RegisterScalableTarget', (signal) =>
      this.#client.send(new RegisterScalableTargetCommand(input), signal),
    );
  }

  async putPolicy(
    variant: string,
    policy: Omit<PutScalingPolicyRequest, 'ResourceId' | 'ServiceNamespace' | 'ScalableDimension'>,
  ): Promise<void> {
    const input = { ...policy, ...SCALING, ResourceId: this.resource(variant) };
    await this.#ask('PutScalingPolicy', (signal) =>
      this.#client.send(new PutScalingPolicyCommand(input), signal),
    );
  }

  /** Its policies go with it. */
  async deregister(variant: string): Promise<void> {
    const command = new DeregisterScalableTargetCommand({
      ...SCALING,
      ResourceId: this.resource(variant),
    });
    await orMissing(this.#ask('DeregisterScalableTarget', (signal) => this.#client.send(command, signal)));
  }

  resource(variant: string): string {
    return `endpoint/${this.#requests.endpoint}/variant/${variant}`;
  }

  #ask<Result>(
    operation: string,
    work: (signal: { abortSignal: AbortSignal }) => Promise<Result>,
  ): Promise<Result> {
    return this.#requests.ask('set the autoscaling of', operation, work, 'application-autoscaling');
  }
}
