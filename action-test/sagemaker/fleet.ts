/** The instances that an endpoint configuration asks for, and the stages in which an update brings them up. */
import type { Change, DeploymentConfig, Fleet, ProductionVariantInput, Variant } from './endpoint-shapes.ts';
import type { Fixed, SageMakerWorld } from './state.ts';

type Stage = Change['stages'][number];
type CapacitySize = NonNullable<DeploymentConfig['RollingUpdatePolicy']>['MaximumBatchSize'];

export function newFleet(config: Fixed, world: SageMakerWorld): Fleet {
  const variants = (sent: unknown): Variant[] =>
    ((sent ?? []) as ProductionVariantInput[]).map((entry) => {
      const weight = entry.InitialVariantWeight ?? 1;
      const count = entry.InitialInstanceCount;
      const image = imageOf(entry.ModelName, world);
      return {
        ...{ name: entry.VariantName, model: entry.ModelName, image, sent: entry },
        ...{ weight, desiredWeight: weight, count, desiredCount: count },
      };
    });
  return {
    config: config.name,
    variants: variants(config.fields.ProductionVariants),
    shadows: variants(config.fields.ShadowProductionVariants),
  };
}

function imageOf(modelName: string, { state }: SageMakerWorld): string {
  const fields = state.models.get(modelName)?.fields;
  const [first] = (fields?.Containers ?? [fields?.PrimaryContainer]) as Record<string, unknown>[];
  const specification = state.packages.get(String(first?.ModelPackageName))?.fields.InferenceSpecification;
  const containers = (specification as { Containers?: { Image?: string }[] } | undefined)?.Containers;
  return String(first?.Image ?? containers?.[0]?.Image ?? 'image-of-the-model-package');
}

/** The stages of an update, in order. A weight of an instance count is its share of all instances. */
export function stagesOf(
  { BlueGreenUpdatePolicy, RollingUpdatePolicy }: DeploymentConfig,
  green: Fleet,
  { times }: SageMakerWorld,
): Stage[] {
  const instances = green.variants.reduce((sum, { count }) => sum + (count ?? 1), 0);
  const part = (size: CapacitySize) => size.Value / (size.Type === 'CAPACITY_PERCENT' ? 100 : instances);
  const launch: Stage = { status: 'Creating', milliseconds: times.launchMs, share: 0 };
  if (RollingUpdatePolicy) {
    const { MaximumBatchSize, WaitIntervalInSeconds } = RollingUpdatePolicy;
    return sharesBy(part(MaximumBatchSize)).flatMap((share, index, shares) => [
      { ...launch, share: shares[index - 1] ?? 0 },
      { status: 'Baking' as const, milliseconds: WaitIntervalInSeconds * 1000, share },
    ]);
  }
  if (!BlueGreenUpdatePolicy) return [launch];
  const { TrafficRoutingConfiguration: routing, TerminationWaitInSeconds = 0 } = BlueGreenUpdatePolicy;
  const shares =
    routing.Type === 'CANARY'
      ? [part(routing.CanarySize!), 1]
      : routing.Type === 'LINEAR'
        ? sharesBy(part(routing.LinearStepSize!))
        : [1];
  const bake = (share: number): Stage => {
    return { status: 'Baking', milliseconds: routing.WaitIntervalInSeconds * 1000, share };
  };
  return [
    launch,
    ...shares.map(bake),
    { status: 'Deleting', milliseconds: TerminationWaitInSeconds * 1000, share: 1 },
  ];
}

const sharesBy = (step: number): number[] =>
  Array.from({ length: Math.ceil(1 / step - 1e-9) }, (_, index) => Math.min(1, step * (index + 1)));
