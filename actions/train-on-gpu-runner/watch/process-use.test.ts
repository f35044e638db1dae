import { expect, test } from 'vitest';
import { startProgram } from '../../../shared/programs/run.ts';
import { endedChildrenCpuSeconds, followProcessUse } from './process-use.ts';

test.runIf(process.platform === 'linux')(
  'sees the work of a grandchild, and none when it has ended',
  async () => {
    const before = endedChildrenCpuSeconds()!;
    const worked = 'let end = process.cpuUsage().user + 3e5; while (process.cpuUsage().user < end);';
    let ready: () => void;
    const isReady = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const program = await startProgram({
      command: `bash -c '"$NODE" -e "${worked} console.log(1); setInterval(() => 0, 1000)"; true'; true`,
      env: { ...process.env, NODE: process.execPath },
      onLine: () => ready(),
    });
    const look = followProcessUse(program.pid);
    await isReady;
    const use = look()!;
    expect(use.cpuSeconds).toBeGreaterThanOrEqual(0.25);
    expect(use.memoryBytes).toBeGreaterThan(10e6);
    expect(look()!.cpuSeconds).toBeLessThan(0.2);
    await program.stop(2_000);
    expect(look()).toEqual({ cpuSeconds: 0, memoryBytes: 0 });
    expect(endedChildrenCpuSeconds()! - before).toBeGreaterThanOrEqual(0.25);
  },
);
