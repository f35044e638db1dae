import type { Machine } from '../../../shared/aws/machines.ts';
import type { Runner } from '../../../shared/github/self-hosted-runners.ts';
import type { GpuRunner } from '../../../shared/records/gpu-runner.ts';
import { readTags } from './names.ts';

export interface SweptMachine {
  machine: Machine;
  state: 'ended' | 'left' | 'failed';
  /** Null where GitHub could not be asked. */
  busy: boolean | null;
  /** Continues "ended, since …" or "left, since …". */
  why: string;
  /** Somebody should look at it. */
  attention?: boolean;
}

/** What `stop` and `reap` found and did. */
export interface Swept {
  machines: SweptMachine[];
  ghosts: GpuRunner['ghosts'];
  /** Why GitHub could not be asked; empty where it could. */
  githubProblem: string;
}

/** Without GitHub's word nothing is ended. */
export function leaveAll(machines: readonly Machine[], githubProblem: string): Swept {
  const why = 'GitHub could not be asked whether its job is running';
  return {
    ...{ githubProblem, ghosts: [] },
    machines: machines.map((machine) => ({ machine, state: 'left', busy: null, why })),
  };
}

/** Every number under which GitHub may know the runner of a machine. */
export function runnerIdsOf({ tags }: Pick<Machine, 'tags'>, runners: readonly Runner[]): number[] {
  const { runner, runnerId } = readTags(tags);
  const listed = runners.filter(({ name }) => name === runner).map(({ id }) => id);
  return [...new Set([...listed, ...(runnerId === null ? [] : [runnerId])])];
}
