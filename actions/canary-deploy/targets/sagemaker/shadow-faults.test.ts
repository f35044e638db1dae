import { describe, test, vi } from 'vitest';
import { PLAYED, playFaults } from '../../fixtures/sagemaker-faults-played.ts';
import { WITHOUT_A_SPLIT } from '../../fixtures/sagemaker-scenarios.ts';

vi.mock('../../../../shared/aws/client-settings.ts', async (original) => {
  const { settingsWithoutConnection } = await import('../../fixtures/aws-in-memory.ts');
  return settingsWithoutConnection(await original());
});

describe('every request to AWS goes wrong in every way, with a copy of the traffic or the first of it', () => {
  test.for(WITHOUT_A_SPLIT)('$name', PLAYED, playFaults);
});
