import { KnownPackages } from '../../../../shared/registries/sagemaker/known-packages.ts';
import { DIGEST_PROPERTY } from '../../../../shared/registries/sagemaker/package-fields.ts';
import { type DescribedPackage, openService } from '../../../../shared/registries/sagemaker/service.ts';
import type { DeployedModel } from '../target.ts';
import type { CallOptions } from './endpoint-calls.ts';

/** What an endpoint's models are in SageMaker's registry. */
export class RegisteredPackages {
  readonly #options: Pick<CallOptions, 'env' | 'signal'>;

  constructor(options: Pick<CallOptions, 'env' | 'signal'>) {
    this.#options = options;
  }

  /** The version in SageMaker's registry; undefined when there is none of this digest. */
  async find(name: string, digest: string): Promise<(DescribedPackage & { arn: string }) | undefined> {
    const registry = await openService(name, this.#registryOptions());
    const found = await registry.untilSeen(() => new KnownPackages(registry).find(digest));
    const described = found && (await registry.untilSeen(() => registry.describe(found.arn)));
    return described && { ...described, arn: found.arn };
  }

  /** The model of a package; undefined when register-model did not make it. @param arn with the version. */
  async modelOf(arn: string): Promise<DeployedModel | undefined> {
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
}
