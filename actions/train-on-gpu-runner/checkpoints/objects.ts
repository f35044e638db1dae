/** Where checkpoints are kept beyond this machine: a place in S3, or a folder that outlives it. */
import type { ObjectStore } from '../../../shared/aws/objects.ts';

/** As much of {@link ObjectStore} as checkpoints need; keys have forward slashes. */
export type CheckpointObjects = Pick<
  ObjectStore,
  'uriOf' | 'list' | 'put' | 'putIf' | 'read' | 'open' | 'delete'
>;
