import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import type { AlarmBook } from './alarm-book.ts';
import type { Endpoint } from './endpoint-shapes.ts';
import type { MetricStore } from './metric-store.ts';
import type { ModelBehaviour, TransitionTimes, UpdateFate } from './model-behaviour.ts';
import type { LogStream, TrainingJob, TrainingMachines } from './training-shapes.ts';

/** One resource: what was sent, and how often it must still be asked for before it is seen. */
export interface Resource {
  arn: string;
  /** Milliseconds by the fake's clock. */
  createdAt: number;
  /** A resource that was just made is missing in the first answer to each operation that reads. */
  unseenBy: Set<string>;
}

export interface ModelPackageGroup extends Resource {
  name: string;
  description?: string;
  /** The number of the next version: numbers are never used again. */
  next: number;
}

export interface ModelPackage extends Resource {
  group: string;
  version: number;
  /** The fields that Describe gives back as they came. */
  fields: Record<string, unknown>;
  lastModified?: number;
}

/** A model or an endpoint configuration: neither can be changed. */
export interface Fixed {
  name: string;
  arn: string;
  createdAt: number;
  /** The input that made it, without tags. */
  fields: Record<string, unknown>;
}

/** Both by namespace, resource and dimension; policies by their name too. */
export interface ScalingState {
  targets: Map<string, Record<string, unknown>>;
  policies: Map<string, Record<string, unknown>>;
}

export interface SageMakerState {
  groups: Map<string, ModelPackageGroup>;
  /** By ARN. */
  packages: Map<string, ModelPackage>;
  /** ARN to tags. */
  tags: Map<string, Map<string, string>>;
  /** ClientToken to what was made with it, and by which input. */
  tokens: Map<string, { arn: string; input: string }>;
  models: Map<string, Fixed>;
  configs: Map<string, Fixed>;
  endpoints: Map<string, Endpoint>;
  metrics: MetricStore;
  alarms: AlarmBook;
  scaling: ScalingState;
  /** By name. */
  trainingJobs: Map<string, TrainingJob>;
  /** By `group stream`; a group never has a space in its name. */
  logs: Map<string, LogStream>;
}

export interface SageMakerWorld {
  state: SageMakerState;
  now: () => number;
  account: string;
  region: string;
  pageSize: number;
  updateErases: boolean;
  ignoresClientToken: boolean;
  times: TransitionTimes;
  invisibleMs: number;
  metricDelayMs: number;
  instanceLimit: number;
  /** 0 to 1, from the seed. */
  draw: () => number;
  hazards: string[];
  behaviours: [model: string, behaviour: ModelBehaviour][];
  fates: Map<string, UpdateFate>;
  machines: TrainingMachines;
}

export type OperationHandler = (
  input: Record<string, unknown>,
  world: SageMakerWorld,
) => Record<string, unknown> | undefined;

export const newSageMakerState = (): SageMakerState => ({
  groups: new Map(),
  packages: new Map(),
  tags: new Map(),
  tokens: new Map(),
  models: new Map(),
  configs: new Map(),
  endpoints: new Map(),
  metrics: new Map(),
  alarms: new Map(),
  scaling: { targets: new Map(), policies: new Map() },
  trainingJobs: new Map(),
  logs: new Map(),
});

export const validationError = (message: string): AwsFault => new AwsFault('ValidationException', message);

export const arnOf = (
  { region, account }: Pick<SageMakerWorld, 'region' | 'account'>,
  resource: string,
): string => `arn:aws:sagemaker:${region}:${account}:${resource}`;

/** Whether this reader sees the resource; the first look of each does not. */
export function isSeen(resource: Resource, reader: string): boolean {
  return !resource.unseenBy.delete(reader);
}

/** A resource that was just made is not seen by any reader for a moment. */
export const isVisible = ({ createdAt }: { createdAt: number }, world: SageMakerWorld): boolean =>
  world.now() - createdAt >= world.invisibleMs;

/** JSON 1.1 has timestamps as seconds. */
export const seconds = (milliseconds: number): number => milliseconds / 1000;

/** One page of a list. @param token the number of entries that were given already. */
export function pageOf<Entry>(
  entries: Entry[],
  { NextToken, MaxResults }: Record<string, unknown>,
  pageSize: number,
): { page: Entry[]; NextToken?: string } {
  const start = Number(NextToken ?? 0);
  const end = start + Math.min(Number(MaxResults ?? 10), pageSize);
  return { page: entries.slice(start, end), ...(end < entries.length ? { NextToken: String(end) } : {}) };
}

/** The entries of a list as its filters and order say; a list is by creation, the newest first. */
export function listed<Entry extends { name: string; createdAt: number; lastModified?: number }>(
  entries: Iterable<Entry>,
  input: Record<string, unknown>,
  world: SageMakerWorld,
): Entry[] {
  const inTime = (at: number, before: unknown, after: unknown) =>
    seconds(at) < Number(before ?? Infinity) && seconds(at) > Number(after ?? -Infinity);
  const found = [...entries].filter(
    (entry) =>
      isVisible(entry, world) &&
      entry.name.toLowerCase().includes(String(input.NameContains ?? '').toLowerCase()) &&
      inTime(entry.createdAt, input.CreationTimeBefore, input.CreationTimeAfter) &&
      inTime(
        entry.lastModified ?? entry.createdAt,
        input.LastModifiedTimeBefore,
        input.LastModifiedTimeAfter,
      ),
  );
  if (input.SortBy === 'Name') found.sort((a, b) => (a.name < b.name ? -1 : 1));
  else found.sort((a, b) => a.createdAt - b.createdAt);
  return (input.SortOrder ?? 'Descending') === 'Descending' ? found.reverse() : found;
}

/** Keeps the tags that a creation was sent. */
export function tagNew(arn: string, tags: unknown, { state }: SageMakerWorld): void {
  const sent = (tags ?? []) as { Key: string; Value: string }[];
  state.tags.set(arn, new Map(sent.map(({ Key, Value }) => [Key, Value])));
}
