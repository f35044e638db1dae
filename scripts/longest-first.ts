/** The order of test files: those of tiers whose tests may take longest first, so that none of them ends a run alone. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => b.project.config.testTimeout - a.project.config.testTimeout);
  }
}
