import { UserError } from '../../errors.ts';
import type { ModelLocation } from '../model-uri.ts';
import type { Registry, RegistryOptions } from '../registry-interface.ts';

/** What a group of model packages may be called. In characters. */
const LONGEST_NAME = 63;

/** Opens the model registry of SageMaker in the region and account of the environment. */
export async function openSageMakerRegistry(
  location: ModelLocation,
  options: RegistryOptions,
): Promise<Registry> {
  if (location.path !== '') {
    throw new UserError(`The registry sagemaker:${location.path} names more than SageMaker.`, {
      fix: 'Write sagemaker: alone; the region is that of AWS_REGION, and artifacts names a place in S3.',
    });
  }
  if (location.name.length > LONGEST_NAME) {
    throw new UserError(`The name ${location.name} is longer than SageMaker's ${LONGEST_NAME} characters.`, {
      where: { key: 'name' },
      fix: 'Give the model a shorter name.',
    });
  }
  const [{ SageMakerRegistry }, { openService }] = await Promise.all([
    import('./adapter.ts'),
    import('./service.ts'),
  ]);
  return new SageMakerRegistry(location, await openService(location.name, options), options);
}
