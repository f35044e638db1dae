import { BOOSTING } from './boosting.ts';
import { FUNCTIONS } from './functions.ts';
import { JOBLIB } from './joblib.ts';
import { NUMPY } from './numpy.ts';
import { PANDAS } from './pandas.ts';
import { PYTHON } from './python.ts';
import { SCIKIT_LEARN } from './scikit-learn.ts';
import { SCIKIT_LEARN_OLDER } from './scikit-learn-older.ts';
import { SCIPY } from './scipy.ts';
import { AROUND_DISTRIBUTIONS, DISTRIBUTIONS } from './scipy-distributions.ts';
import { TORCH } from './torch.ts';
import { TORCH_OBJECTS } from './torch-objects.ts';
import { TRAINING } from './training.ts';

/**
 * What the frameworks need to load what they saved themselves, and what cannot run code whatever it is given: names by the
 * module in which a pickle looks for them, in one text. A name may be dotted.
 */
export const ALLOWED: readonly Record<string, string>[] = [
  FUNCTIONS,
  PYTHON,
  NUMPY,
  SCIPY,
  DISTRIBUTIONS,
  AROUND_DISTRIBUTIONS,
  PANDAS,
  SCIKIT_LEARN,
  SCIKIT_LEARN_OLDER,
  JOBLIB,
  TORCH,
  TORCH_OBJECTS,
  TRAINING,
  BOOSTING,
];
