/** What the fake keeps of a training job, and of the machine that runs it. */
import type { ChildProcess } from 'node:child_process';
import type { S3World } from '../../shared/testing/aws/s3-state.ts';

/** Of CloudWatch. */
export interface LogStream {
  group: string;
  name: string;
  createdAt: number;
  events: { timestamp: number; message: string }[];
}

export type TrainingStatus = 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';

export interface Transition {
  status: string;
  /** Milliseconds by the fake's clock. */
  startedAt: number;
  endedAt?: number;
  message: string;
}

/** Why a machine is being ended. */
export type Ending = 'stopped' | 'max-runtime' | 'interrupted';

export interface TrainingJob {
  name: string;
  arn: string;
  createdAt: number;
  lastModified: number;
  /** The input that made it, without tags. */
  fields: Record<string, unknown>;
  status: TrainingStatus;
  transitions: Transition[];
  trainingStartedAt?: number;
  endedAt?: number;
  failureReason?: string;
  finalMetrics: { MetricName: string; Value: number; Timestamp: number }[];
  /** Machines that it had so far. */
  machines: number;
  ending?: Ending;
  /** When the machine was asked to end: it is killed 120 s later. */
  askedToEndAt?: number;
  /** Whether another spot instance comes after an interruption. */
  returns: boolean;
  reusedBy?: string;
}

/** One machine: the folder that stands for its /opt/ml, and the container's first process. */
export interface Machine {
  root: string;
  container: ChildProcess;
  stream: string;
  isKilled: boolean;
}

/** What runs; never part of a snapshot. */
export interface TrainingMachines {
  s3: S3World;
  image: Record<string, string>;
  logDelayMs: number;
  /** By the name of the job: its instances. */
  running: Map<string, readonly Machine[]>;
  /** Every job's way to its end. */
  underWay: Set<Promise<void>>;
  /** Nothing is started any more. */
  isClosed: boolean;
  mistake: (text: string) => void;
}

export interface TrainingFields {
  AlgorithmSpecification: {
    TrainingImage?: string;
    ContainerEntrypoint?: string[];
    ContainerArguments?: string[];
    MetricDefinitions?: { Name: string; Regex: string }[];
  };
  Environment?: Record<string, string>;
  HyperParameters?: Record<string, string>;
  InputDataConfig?: {
    ChannelName: string;
    DataSource: { S3DataSource?: { S3DataType: string; S3Uri: string } };
  }[];
  OutputDataConfig: { S3OutputPath: string };
  CheckpointConfig?: { S3Uri: string; LocalPath?: string };
  ResourceConfig: {
    InstanceType: string;
    InstanceCount: number;
    VolumeSizeInGB: number;
    KeepAlivePeriodInSeconds?: number;
  };
  StoppingCondition: { MaxRuntimeInSeconds?: number; MaxWaitTimeInSeconds?: number };
  EnableManagedSpotTraining?: boolean;
}

export const fieldsOf = ({ fields }: TrainingJob): TrainingFields => fields as unknown as TrainingFields;
