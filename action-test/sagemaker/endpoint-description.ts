import type { Endpoint, Fleet, Variant } from './endpoint-shapes.ts';
import { seconds } from './state.ts';

/** What DescribeEndpoint says. A weight of 0 is said, too. */
export function describeEndpoint(endpoint: Endpoint): Record<string, unknown> {
  const { change, fleet } = endpoint;
  const isUp = endpoint.status !== 'Creating' && fleet !== undefined;
  return {
    EndpointName: endpoint.name,
    EndpointArn: endpoint.arn,
    EndpointConfigName: endpoint.config,
    EndpointStatus: endpoint.status,
    FailureReason: endpoint.failureReason,
    CreationTime: seconds(endpoint.createdAt),
    LastModifiedTime: seconds(endpoint.lastModified),
    ...(isUp
      ? variantsOf(fleet, (variant) => summary(variant, change?.kind === 'weights' ? change : undefined))
      : {}),
    ...(endpoint.lastDeployment && Object.keys(endpoint.lastDeployment).length > 0
      ? { LastDeploymentConfig: endpoint.lastDeployment }
      : {}),
    ...(change?.green && (change.kind === 'update' || change.kind === 'create')
      ? { PendingDeploymentSummary: pending(change.green, change) }
      : {}),
  };
}

type Under = Pick<NonNullable<Endpoint['change']>, 'stages' | 'startedAt' | 'stageStartedAt' | 'kind'>;

function variantsOf(
  fleet: Fleet,
  describe: (variant: Variant) => Record<string, unknown>,
): Record<string, unknown> {
  return {
    ProductionVariants: fleet.variants.map(describe),
    ...(fleet.shadows.length > 0 ? { ShadowProductionVariants: fleet.shadows.map(describe) } : {}),
  };
}

const summary = (variant: Variant, change: Under | undefined): Record<string, unknown> => ({
  VariantName: variant.name,
  DeployedImages: [{ SpecifiedImage: variant.image, ResolvedImage: variant.image }],
  CurrentWeight: variant.weight,
  DesiredWeight: variant.desiredWeight,
  CurrentInstanceCount: variant.count,
  DesiredInstanceCount: variant.desiredCount,
  ...(variant.sent.ServerlessConfig ? { CurrentServerlessConfig: variant.sent.ServerlessConfig } : {}),
  ...(change?.stages[0] ? { VariantStatus: statusOf(change) } : {}),
});

const statusOf = ({ stages, stageStartedAt }: Under) => [
  { Status: stages[0]?.status, StatusMessage: '', StartTime: seconds(stageStartedAt) },
];

function pending(green: Fleet, change: Under): Record<string, unknown> {
  const isLaunched = change.stages[0]?.status !== 'Creating' || change.stages[0].share > 0;
  return {
    EndpointConfigName: green.config,
    StartTime: seconds(change.startedAt),
    ...variantsOf(green, (variant) => ({
      ...summary(variant, change),
      ...(isLaunched || variant.count === undefined ? {} : { CurrentInstanceCount: 0 }),
      InstanceType: variant.sent.InstanceType,
    })),
  };
}
