/** The gate and the registry on a live MLflow 2, started as people start it. */
import { describe } from 'vitest';
import { testRegistry } from '../peers/mlflow-registry.ts';
import { testRuns } from '../peers/mlflow-runs.ts';
import { installedTool } from './tool.ts';

const python = installedTool('MLOPS_TEST_MLFLOW_2');

describe.skipIf(python === undefined)('a live MLflow 2', () => {
  describe('its runs', () => void testRuns(python!, { start: 'command' }));
  describe('its registry', () => void testRegistry(python!, { start: 'command' }));
});
