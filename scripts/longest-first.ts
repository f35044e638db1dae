/**
 * The order of test files: those of tiers whose tests may take longest first, so that none of them ends a run alone.
 * Within a tier the few that take a minute or more when every fault is played; of the others nothing is known.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONGEST = [
  'sagemaker/shadow-faults.test.ts',
  'targets/sagemaker/faults.test.ts',
  'sagemaker/service-faults.test.ts',
  'haproxy/faults.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort(
      (a, b) =>
        b.project.config.testTimeout - a.project.config.testTimeout ||
        placeOf(a.moduleId) - placeOf(b.moduleId),
    );
  }
}

function placeOf(path: string): number {
  const place = LONGEST.findIndex((end) => path.endsWith(end));
  return place < 0 ? LONGEST.length : place;
}
