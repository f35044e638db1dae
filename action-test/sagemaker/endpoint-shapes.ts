/** What the fake keeps of an endpoint. */
import type { UpdateFate } from './model-behaviour.ts';

export interface ProductionVariantInput {
  VariantName: string;
  ModelName: string;
  InitialInstanceCount?: number;
  InstanceType?: string;
  InitialVariantWeight?: number;
  ServerlessConfig?: Record<string, unknown>;
}

export interface Variant {
  name: string;
  model: string;
  image: string;
  weight: number;
  desiredWeight: number;
  /** Undefined: serverless. */
  count?: number;
  desiredCount?: number;
  sent: ProductionVariantInput;
}

/** The instances of one endpoint configuration. */
export interface Fleet {
  config: string;
  variants: Variant[];
  shadows: Variant[];
}

interface Stage {
  status: 'Creating' | 'Updating' | 'Deleting' | 'ActivatingTraffic' | 'Baking';
  milliseconds: number;
  /** Share of the requests that the new fleet answers. */
  share: number;
}

export interface Change {
  kind: 'create' | 'update' | 'weights' | 'delete' | 'system' | 'rollback';
  startedAt: number;
  stages: Stage[];
  stageStartedAt: number;
  fate: UpdateFate;
  /** The new fleet of an update. */
  green?: Fleet;
  /** Any of these in ALARM rolls back. */
  alarms: string[];
  /** A deployment that is not over by then rolls back. */
  deadline: number;
  /** Of a roll-back: what is said when it is over. */
  reason?: string;
  deployment?: DeploymentConfig;
}

export interface Endpoint {
  name: string;
  arn: string;
  createdAt: number;
  lastModified: number;
  status: string;
  config: string;
  /** What answers; undefined before it is up. */
  fleet?: Fleet;
  /** After UpdateRollbackFailed some of the new instances go on serving. */
  mixed?: { fleet: Fleet; share: number };
  failureReason?: string;
  change?: Change;
  lastDeployment?: DeploymentConfig;
  /** Fractions of requests that did not make a whole one yet. */
  carried: number;
}

interface CapacitySize {
  Type: 'INSTANCE_COUNT' | 'CAPACITY_PERCENT';
  Value: number;
}

export interface DeploymentConfig {
  BlueGreenUpdatePolicy?: {
    TrafficRoutingConfiguration: {
      Type: 'ALL_AT_ONCE' | 'CANARY' | 'LINEAR';
      WaitIntervalInSeconds: number;
      CanarySize?: CapacitySize;
      LinearStepSize?: CapacitySize;
    };
    TerminationWaitInSeconds?: number;
    MaximumExecutionTimeoutInSeconds?: number;
  };
  RollingUpdatePolicy?: {
    MaximumBatchSize: CapacitySize;
    WaitIntervalInSeconds: number;
    MaximumExecutionTimeoutInSeconds?: number;
  };
  AutoRollbackConfiguration?: { Alarms?: { AlarmName?: string }[] };
}
