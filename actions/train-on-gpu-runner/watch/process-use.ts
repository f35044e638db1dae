import { execFileSync } from 'node:child_process';
import { groupMembers, readProcessStat } from '../../../shared/programs/process-group.ts';

export interface ProcessUse {
  /** Seconds of processor time that the group used since the last look. */
  cpuSeconds: number;
  /** Resident memory of its members now. */
  memoryBytes: number;
}

/**
 * Follows what a process group uses, on Linux. Each call gives the use since the call before; undefined where
 * the system does not tell.
 */
export function followProcessUse(group: number): () => ProcessUse | undefined {
  if (process.platform !== 'linux') return () => undefined;
  const { ticksPerSecond, pageBytes } = systemUnits();
  let before = new Map<string, number>();
  return () => {
    const members = groupMembers(group);
    const now = new Map<string, number>();
    let ticks = 0;
    for (const { pid, startTicks, userTicks, systemTicks } of members) {
      const key = `${pid}:${startTicks}`;
      now.set(key, userTicks + systemTicks);
      ticks += userTicks + systemTicks - (before.get(key) ?? 0);
    }
    before = now;
    const pages = members.reduce((sum, { residentPages }) => sum + residentPages, 0);
    return { cpuSeconds: ticks / ticksPerSecond, memoryBytes: pages * pageBytes };
  };
}

/**
 * Seconds of processor time of all processes that this one has started and seen end, with everything that they had
 * started in turn; undefined where the system does not tell. Exact where samples of a short run are not.
 */
export function endedChildrenCpuSeconds(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const stat = readProcessStat('self');
  return stat && stat.childrenTicks / systemUnits().ticksPerSecond;
}

function systemUnits(): { ticksPerSecond: number; pageBytes: number } {
  try {
    const [ticks, page] = ['CLK_TCK', 'PAGESIZE'].map((name) =>
      Number(execFileSync('getconf', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })),
    );
    if (ticks && page) return { ticksPerSecond: ticks, pageBytes: page };
  } catch {
    // A small container may have no getconf.
  }
  return { ticksPerSecond: 100, pageBytes: 4096 };
}
