/** Changes of an endpoint's config, each of which takes minutes: the challenger comes up, or one arm stays alone. */
import { UserError } from '../../../../shared/errors.ts';
import type { DeployedModel } from '../target.ts';
import { shareScaling } from './autoscaling.ts';
import type { Tags } from './aws-requests.ts';
import { alone, firstConfig, type Instances, inShadow, makeConfig, sideBySide } from './config-inputs.ts';
import { type ModelSurroundings, makeModel } from './deployable-model.ts';
import type { EndpointService } from './endpoint-service.ts';
import { checkedTags, shadowName, TAG, variantName } from './names.ts';
import { moveToConfig, type Patience, settle, wentBack } from './settle.ts';
import type { Arm, EndpointView } from './view.ts';

/** What every change needs. */
export interface ConfigChangeOptions {
  service: EndpointService;
  patience: Patience;
  /** Of a new endpoint, beside its own. */
  firstTags: Tags;
  /** Name of the model. */
  name: string;
  /** Of a first deployment. */
  instances: Instances;
}

/** Both arms there. */
type Pair = EndpointView & { champion: Arm; challenger: Arm };

/** Brings a challenger up beside the champion without traffic; where there is no endpoint, makes one of it alone. */
export async function bringUp(
  options: ConfigChangeOptions,
  view: EndpointView | null,
  model: DeployedModel,
): Promise<void> {
  const { service, name, instances, patience, firstTags } = options;
  const modelName = await modelFor(options, view, model);
  const challenger = { ...model, variant: variantName(model.digest), modelName };
  if (view?.champion) {
    const config = await makeConfig(
      service,
      name,
      sideBySide({ ...view, champion: view.champion }, challenger),
    );
    await moveToConfig(service, patience, config);
    return;
  }
  const config = await makeConfig(service, name, firstConfig(challenger, instances));
  const tags = { [TAG.name]: name, [TAG.endpoint]: service.endpoint, ...firstTags };
  await service.createEndpoint(config, checkedTags(tags));
  const made = await settle(service, patience, { expected: config });
  if (made?.EndpointConfigName !== config) throw wentBack(service.endpoint, made);
}

/**
 * Makes the challenger a shadow of the champion, or a variant that can answer users.
 * @returns whether anything had to be changed.
 */
export async function setMirroring(
  options: ConfigChangeOptions,
  view: EndpointView | null,
  mirror: boolean,
): Promise<boolean> {
  if (!view?.champion || !view.challenger || view.mirrored === mirror) return false;
  const pair = { ...view, champion: view.champion, challenger: view.challenger };
  await (mirror ? intoShadow(options, pair) : outOfShadow(options, pair));
  return true;
}

/** The challenger gets a copy of each request, and answers nobody. */
async function intoShadow(options: ConfigChangeOptions, view: Pair): Promise<void> {
  const { service, patience, name } = options;
  const { variant, ...model } = view.challenger;
  const modelName = variant.ModelName ?? '';
  const wanted = inShadow(view, { ...model, variant: shadowName(model.digest), modelName });
  const config = await makeConfig(service, name, wanted);
  // SageMaker removes no variant that is registered for scaling, and what answers nobody is not scaled.
  await service.scaling.deregister(variant.VariantName);
  await moveToConfig(service, patience, config);
}

/** The challenger becomes a variant without traffic, and is scaled as the champion is. */
async function outOfShadow(options: ConfigChangeOptions, view: Pair): Promise<void> {
  const { service, patience, name } = options;
  const { variant, ...model } = view.challenger;
  const named = { ...model, variant: variantName(model.digest), modelName: variant.ModelName ?? '' };
  await moveToConfig(service, patience, await makeConfig(service, name, sideBySide(view, named)));
  await shareScaling(service.scaling, view.champion.variant.VariantName, named.variant);
}

/** Both variants are scaled as one of them is. Nothing happens without either. */
export async function scaleAlike(
  { service }: ConfigChangeOptions,
  { champion, challenger }: EndpointView,
): Promise<void> {
  if (!champion || !challenger) return;
  await shareScaling(service.scaling, champion.variant.VariantName, challenger.variant.VariantName);
}

/** Makes one arm the only one; the other's autoscaling goes with it. */
export async function leaveAlone(
  { service, patience, name }: ConfigChangeOptions,
  view: EndpointView,
  arm: Arm,
  previous: EndpointView['previous'],
): Promise<void> {
  const other = arm === view.champion ? view.challenger : view.champion;
  const base = arm === view.champion ? view.configTags[TAG.base] : undefined;
  const isThere = base !== undefined && (await service.describeConfig(base)) !== undefined;
  const config = isThere ? base : await makeConfig(service, name, alone(view, arm, previous));
  if (other && !view.mirrored) {
    await shareScaling(service.scaling, arm.variant.VariantName, other.variant.VariantName);
    await service.scaling.deregister(other.variant.VariantName);
  }
  await moveToConfig(service, patience, config);
}

/** A SageMaker model of a version. A challenger runs as the champion does. @returns its name. */
export async function modelFor(
  { service, name, instances }: ConfigChangeOptions,
  view: EndpointView | null,
  model: DeployedModel,
): Promise<string> {
  return makeModel(service, name, model, await surroundingsOf(service, instances, view));
}

async function surroundingsOf(
  service: EndpointService,
  { role }: Instances,
  view: EndpointView | null,
): Promise<ModelSurroundings> {
  if (view?.champion) {
    const found = await service.describeModel(view.champion.variant.ModelName ?? '');
    if (found?.ExecutionRoleArn) {
      const { ExecutionRoleArn, VpcConfig, EnableNetworkIsolation } = found;
      return {
        ExecutionRoleArn,
        ...(VpcConfig && { VpcConfig }),
        ...(EnableNetworkIsolation && { EnableNetworkIsolation }),
      };
    }
  }
  if (role) return { ExecutionRoleArn: role };
  throw new UserError('Nothing says with which role SageMaker should run the model.', {
    where: { key: 'execution-role' },
    fix: 'Give execution-role: the ARN of a role that SageMaker may assume and that can read the model and its image.',
  });
}
