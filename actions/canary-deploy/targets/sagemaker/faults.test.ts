import { describe, test, vi } from 'vitest';
import { PLAYED, playFaults } from '../../fixtures/sagemaker-faults-played.ts';
import { BY_WEIGHTS } from '../../fixtures/sagemaker-scenarios.ts';

vi.mock('../../../../shared/aws/client-settings.ts', async (original) => {
  const { settingsWithoutConnection } = await import('../../fixtures/aws-in-memory.ts');
  return settingsWithoutConnection(await original());
});

describe('every request to AWS goes wrong in every way, and the next run or reconcile settles it', () => {
  test.for(BY_WEIGHTS)('$name', PLAYED, playFaults);
});
