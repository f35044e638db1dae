import { UserError } from '../../../../shared/errors.ts';
import type { EndpointConfig, EndpointService } from './endpoint-service.ts';
import { namePrefix, TAG } from './names.ts';
import { isAtRest } from './settle.ts';
import type { EndpointView } from './view.ts';

/** Something that this action made for the endpoint and that nothing needs any more. */
export interface Leftover {
  kind: 'endpoint config' | 'model' | 'autoscaling of the variant';
  name: string;
}

/**
 * What serves nobody: every config and model that carries our tags and this endpoint's name, but the config that serves,
 * the one to go back to, the champion's before, and their models.
 * @param view null when there is no endpoint.
 */
async function findLeftovers(service: EndpointService, view: EndpointView | null): Promise<Leftover[]> {
  const kept = new Map<string, EndpointConfig>();
  if (view) {
    // A change under way may need what nothing else names.
    if (!isAtRest(view.endpoint)) return [];
    kept.set(view.config.EndpointConfigName, view.config);
    for (const name of [view.configTags[TAG.base], view.configTags[TAG.previousConfig]]) {
      const found = name && !kept.has(name) ? await service.describeConfig(name) : undefined;
      if (name && found) kept.set(name, found);
    }
  }
  const models = new Set([...kept.values()].flatMap(modelsOf));
  const prefix = namePrefix(service.endpoint);
  const left: Leftover[] = [];
  for (const name of await service.configNames(prefix)) {
    if (!kept.has(name) && (await isOurs(service, (await service.describeConfig(name))?.EndpointConfigArn)))
      left.push({ kind: 'endpoint config', name });
  }
  for (const name of await service.modelNames(prefix)) {
    if (!models.has(name) && (await isOurs(service, (await service.describeModel(name))?.ModelArn)))
      left.push({ kind: 'model', name });
  }
  if (!view) return left;
  const variants = new Set(view.config.ProductionVariants?.map(({ VariantName }) => VariantName));
  for (const { ResourceId = '' } of await service.scaling.targets()) {
    const variant = ResourceId.split('/').at(-1) ?? '';
    if (!variants.has(variant)) left.push({ kind: 'autoscaling of the variant', name: variant });
  }
  return left;
}

/** What costs money and serves nobody, for people. A challenger that has no traffic is named too. */
export async function nameUnused(service: EndpointService, view: EndpointView | null): Promise<string[]> {
  const idle =
    view?.challenger && view.champion && view.weight === 0
      ? [`the variant ${view.challenger.variant.VariantName} of the endpoint ${service.endpoint}`]
      : [];
  const pending = view?.endpoint.PendingDeploymentSummary?.EndpointConfigName;
  if (pending) idle.push(`the endpoint config ${pending}, to which SageMaker is changing`);
  const left = await findLeftovers(service, view);
  return [...idle, ...left.map(({ kind, name }) => `the ${kind} ${name}`)];
}

/** Removes what serves nobody; what cannot be removed stays to be named. @param progress told why it could not. */
export async function removeLeftovers(
  service: EndpointService,
  view: EndpointView | null,
  progress: (message: string) => void,
): Promise<void> {
  for (const left of await findLeftovers(service, view)) {
    try {
      await removeLeftover(service, left);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      progress(`The ${left.kind} ${left.name} could not be removed: ${error.message}`);
    }
  }
}

function removeLeftover(service: EndpointService, { kind, name }: Leftover): Promise<void> {
  if (kind === 'endpoint config') return service.deleteConfig(name);
  if (kind === 'model') return service.deleteModel(name);
  return service.scaling.deregister(name);
}

/** Whether something was made by this action for this endpoint. */
async function isOurs(service: EndpointService, arn: string | undefined): Promise<boolean> {
  return arn !== undefined && (await service.tags(arn))[TAG.endpoint] === service.endpoint;
}

const modelsOf = ({ ProductionVariants, ShadowProductionVariants }: EndpointConfig): string[] =>
  [...(ProductionVariants ?? []), ...(ShadowProductionVariants ?? [])].flatMap(
    ({ ModelName }) => ModelName ?? [],
  );
