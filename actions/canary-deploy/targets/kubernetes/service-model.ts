/** The model that an InferenceService is told to serve. Pure. */
import { UserError } from '../../../../shared/errors.ts';
import type { InferenceService } from './kinds.ts';
import { MODEL_DIGEST } from './model-deployment.ts';
import type { Arm } from './rollout-store.ts';

/** @throws UserError when its model does not lie at an address. */
export function storageUriOf({ metadata, spec }: InferenceService): string {
  const address = spec.predictor.model?.storageUri;
  if (address !== undefined) return address;
  throw new UserError(`The InferenceService ${metadata.name} has no spec.predictor.model.storageUri.`, {
    where: { key: 'kubernetes-resource' },
    fix: 'Let it name its model so; storage.path and images of its own are not known here.',
  });
}

/** What it says of its version; undefined where it says nothing. */
export const digestOf = ({ spec }: InferenceService): string | undefined =>
  spec.predictor.model?.env?.find(({ name }) => name === MODEL_DIGEST)?.value;

/** Lets it serve another model, and say which. */
export function place(
  { spec }: InferenceService,
  { storageUri, digest }: Pick<Arm, 'storageUri' | 'digest'>,
): void {
  const { model } = spec.predictor;
  if (!model || storageUri === undefined) throw new Error('there is no storage URI');
  model.storageUri = storageUri;
  const told = model.env?.find(({ name }) => name === MODEL_DIGEST);
  if (told) told.value = digest;
  else model.env = [...(model.env ?? []), { name: MODEL_DIGEST, value: digest }];
}

/** Per cent for its newest revision; undefined for all, which makes that the only one. */
export function setPercent({ spec: { predictor } }: InferenceService, percent: number | undefined): void {
  if (percent === undefined) delete predictor.canaryTrafficPercent;
  else predictor.canaryTrafficPercent = percent;
}
