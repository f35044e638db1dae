import { describe, test, vi } from 'vitest';
import { PLAYED, playFaults } from '../../fixtures/sagemaker-faults-played.ts';
import { BY_SERVICE } from '../../fixtures/sagemaker-scenarios.ts';

vi.mock('../../../../shared/aws/client-settings.ts', async (original) => {
  const { settingsWithoutConnection } = await import('../../fixtures/aws-in-memory.ts');
  return settingsWithoutConnection(await original());
});

describe('every request to AWS goes wrong in every way while the service shifts the traffic', () => {
  test.for(BY_SERVICE)('$name', PLAYED, playFaults);
});
