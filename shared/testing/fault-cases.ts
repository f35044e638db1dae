/** Tells the reporter how many cases of faults a test has played; it prints their sum. */
import type { TestContext } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    faultCases?: number;
  }
}

export function countFaultCases({ task }: Pick<TestContext, 'task'>, cases: number): void {
  task.meta.faultCases = cases;
}
