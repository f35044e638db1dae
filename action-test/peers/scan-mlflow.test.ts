import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scanFolder } from '../scan/scan-folder.ts';
import { mlflowPython, requireMlflow } from './mlflow-server.ts';

requireMlflow();

/** Each way in which MLflow keeps a model of scikit-learn. */
const SAVE = `
import mlflow, numpy, sys
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
rows = numpy.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]])
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, [0, 1, 0, 1])
# Otherwise MLflow loads the model in a process of its own to see what it imports, which takes long.
pinned = ['scikit-learn==1.9.1']
for kind in ['cloudpickle', 'pickle', 'skops']:
    mlflow.sklearn.save_model(model, kind, serialization_format=kind, pip_requirements=pinned)
mlflow.pyfunc.save_model('loader', loader_module='mlflow.sklearn', data_path='pickle/model.pkl', pip_requirements=pinned)
`;

test.skipIf(!mlflowPython)('models of scikit-learn as MLflow saves them have no finding', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scan-mlflow-'));
  try {
    execFileSync(mlflowPython!, ['-c', SAVE], { cwd: folder, stdio: 'ignore' });
    const kinds = await readdir(folder);
    expect(kinds.toSorted()).toEqual(['cloudpickle', 'loader', 'pickle', 'skops']);
    for (const kind of kinds) {
      const { findings, files } = await scanFolder(join(folder, kind));
      expect({ kind, findings }).toEqual({ kind, findings: [] });
      expect(files).toBeGreaterThanOrEqual(4);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
