import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';

/** One resource: what was sent, and how often it must still be asked for before it is seen. */
interface Resource {
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

export interface SageMakerState {
  groups: Map<string, ModelPackageGroup>;
  /** By ARN. */
  packages: Map<string, ModelPackage>;
  /** ARN to tags. */
  tags: Map<string, Map<string, string>>;
  /** ClientToken to what was made with it, and by which input. */
  tokens: Map<string, { arn: string; input: string }>;
}

export interface SageMakerWorld {
  state: SageMakerState;
  now: () => number;
  account: string;
  region: string;
  pageSize: number;
  updateErases: boolean;
  ignoresClientToken: boolean;
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
});

export const validationError = (message: string): AwsFault => new AwsFault('ValidationException', message);

export const arnOf = ({ region, account }: SageMakerWorld, resource: string): string =>
  `arn:aws:sagemaker:${region}:${account}:${resource}`;

/** Whether this reader sees the resource; the first look of each does not. */
export function isSeen(resource: Resource, reader: string): boolean {
  return !resource.unseenBy.delete(reader);
}

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
