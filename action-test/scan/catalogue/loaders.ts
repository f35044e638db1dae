/** Files that a loader opens by their name, and that say what it imports. */
import { utf8 } from '../bytes.ts';
import { zip } from '../zip-writer.ts';
import { type CatalogueEntry, evil, example } from './entry.ts';

const text = (name: string, content: string) => example(name, () => utf8(content));
const mlmodel = (name: string, flavor: string) =>
  text(`${name}/MLmodel`, `flavors:\n  python_function:\n    ${flavor}\nmlflow_version: 3.17.2\n`);
const ordinary = mlmodel('ordinary', 'loader_module: mlflow.sklearn\n    model_path: model.pkl');

/** An object without a state, as skops writes one. */
const skops = (module: string, name: string) =>
  example(`${module}.skops`, () => {
    const schema = { __class__: name, __module__: module, __loader__: 'ObjectNode', content: null };
    return zip([{ name: 'schema.json', content: utf8(JSON.stringify(schema)) }]);
  });

export const LOADERS: readonly CatalogueEntry[] = [
  {
    format: 'by-name',
    rule: 'named-code',
    says: 'A description of MLflow names a module that is not of MLflow as the one that loads the model.',
    passing: ordinary,
    failing: evil('code-that-a-description-names/loader/MLmodel'),
  },
  {
    format: 'by-name',
    rule: 'named-code',
    says: 'The settings of MLServer name a class that is not of MLServer.',
    passing: text(
      'mlserver/model-settings.json',
      '{"name": "m", "implementation": "mlserver_sklearn.SKLearnModel"}',
    ),
    failing: evil('code-that-a-description-names/model-settings.json'),
  },
  {
    format: 'by-name',
    rule: 'named-code',
    says: 'The schema of a skops file names a function that runs commands.',
    passing: skops('sklearn.preprocessing._data', 'StandardScaler'),
    failing: evil('code-that-a-description-names/model.skops'),
  },
  {
    format: 'by-name',
    rule: 'skops-type',
    says: 'The schema of a skops file names a class that no library of models has.',
    passing: skops('sklearn.preprocessing._data', 'StandardScaler'),
    failing: skops('churn.features', 'Encoder'),
  },
  {
    format: 'by-name',
    rule: 'external-data',
    says: 'A description of MLflow names a model outside of its folder.',
    passing: ordinary,
    failing: evil('code-that-a-description-names/outside/MLmodel'),
  },
  {
    format: 'by-name',
    rule: 'unreadable',
    says: 'A description of MLflow has a key twice, of which loaders take either.',
    passing: ordinary,
    failing: evil('code-that-a-description-names/twice/MLmodel'),
  },
  {
    format: 'by-name',
    rule: 'cannot-look-into',
    says: 'A description of MLflow has more than a megabyte.',
    passing: ordinary,
    failing: mlmodel('large', `loader_module: mlflow.sklearn # ${'-'.repeat(1_000_000)}`),
  },
  {
    format: 'by-name',
    rule: 'package-source',
    says: 'A list of packages takes one from an address, where an ordinary one names a version.',
    passing: text('requirements.txt', 'scikit-learn==1.9.1\nnumpy>=2\n'),
    failing: text('address/requirements.txt', 'scikit-learn==1.9.1\nchurn @ https://example.com/churn.whl\n'),
  },
];
