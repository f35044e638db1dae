import type { ContainerDefinition, CreateModelCommandInput } from '@aws-sdk/client-sagemaker';
import { UserError } from '../../../../shared/errors.ts';
import { parseModelUri } from '../../../../shared/registries/model-uri.ts';
import type { DeployedModel } from '../target.ts';
import type { EndpointService } from './endpoint-service.ts';
import { checkedTags, contentName, TAG } from './names.ts';

/** What a model runs with beside its package: as the champion does. */
export type ModelSurroundings = Pick<
  CreateModelCommandInput,
  'ExecutionRoleArn' | 'VpcConfig' | 'EnableNetworkIsolation'
>;

/**
 * Makes a SageMaker model of a registered version, or finds the one that was made of it before.
 * @returns its name. @throws UserError when SageMaker cannot serve the version.
 */
export async function makeModel(
  service: EndpointService,
  name: string,
  model: DeployedModel,
  surroundings: ModelSurroundings,
): Promise<string> {
  const containers: ContainerDefinition[] = [{ ModelPackageName: await approvedPackage(service, model) }];
  const input = { Containers: containers, ...surroundings };
  const made = contentName(service.endpoint, { kind: 'model', ...input });
  const tags = checkedTags({ [TAG.name]: name, [TAG.endpoint]: service.endpoint, [TAG.digest]: made.digest });
  if (await service.createModel({ ...input, ModelName: made.name }, tags)) return made.name;
  const found = await service.describeModel(made.name);
  const known = found?.ModelArn ? await service.tags(found.ModelArn) : {};
  if (known[TAG.digest] === made.digest) return made.name;
  throw taken('model', made.name);
}

/** What somebody else gave a name that tells its content. */
export function taken(kind: 'model' | 'endpoint config', name: string): UserError {
  return new UserError(`There is a ${kind} ${name} already, and this action did not make it.`, {
    fix: 'Look at who did; delete it where nothing uses it, and run again.',
  });
}

async function approvedPackage(service: EndpointService, model: DeployedModel): Promise<string> {
  const location = parseModelUri(model.uri);
  if (location?.scheme !== 'sagemaker') {
    throw new UserError(`SageMaker serves versions of its own registry, and ${model.uri} is in another.`, {
      where: { key: 'model' },
      fix: 'Bring it there: register-model, operation: copy, to: "sagemaker:"; its digest stays the same. It must have been registered with image, the container that serves it. Then give model: the URI that this tells.',
    });
  }
  const found = await service.packages.find(location.name, model.digest);
  if (!found) {
    throw new UserError(`SageMaker has no version ${model.uri}.`, {
      where: { key: 'model' },
      fix: 'Check the region and the account, or register the model again.',
    });
  }
  if (found.ModelApprovalStatus !== 'Approved') {
    throw new UserError(
      `The version ${model.uri} is ${found.ModelApprovalStatus ?? 'not approved'} in SageMaker.`,
      {
        where: { key: 'model' },
        fix: "Approve it with register-model's operation: approve.",
      },
    );
  }
  if (!found.InferenceSpecification) {
    throw new UserError(`The version ${model.uri} names no image that serves it.`, {
      where: { key: 'model' },
      fix: 'Register the model with the input image.',
    });
  }
  return found.arn;
}
