/** Prints the line that CI reads, from the real counts. */
import type { Reporter, TestModule } from 'vitest/node';
import type {} from '../shared/testing/fault-cases.ts';

export default class CountReporter implements Reporter {
  #began = 0;

  onTestRunStart(): void {
    this.#began = performance.now();
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    let faults = 0;
    for (const module of modules) {
      // A file that could not be loaded has no tests to count, and is still a failure.
      if (module.state() === 'failed' && [...module.children.allTests('failed')].length === 0)
        count.failed += 1;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        count[state === 'pending' ? 'skipped' : state] += 1;
        faults += test.meta().faultCases ?? 0;
      }
    }
    count.failed += unhandled.length;
    // Last of all output: the summary of the default reporter is printed in the same tick.
    const seconds = Math.round((performance.now() - this.#began) / 1000);
    process.once('exit', () => {
      if (faults > 0) process.stdout.write(`\nfaults: ${faults} cases in a run of ${seconds} s\n`);
      process.stdout.write(
        `\ntests: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`,
      );
    });
  }
}
