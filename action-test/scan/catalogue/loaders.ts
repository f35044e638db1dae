/** Files that a loader opens by their name, and that say what it imports. */
import { join, utf8 } from '../bytes.ts';
import { checkpointMetadata, storageInfo, tensorArchive } from '../checkpoint-writer.ts';
import { tar } from '../tar-writer.ts';
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

const archive = tensorArchive();
const checkpoint = example('checkpoint.tar', () =>
  tar([
    {
      name: 'checkpoint/.metadata',
      content: checkpointMetadata([
        storageInfo('__0_0.distcp', 0, archive.length),
        storageInfo('__0_0.distcp', archive.length, archive.length),
        storageInfo('__1_0.distcp', 0, archive.length),
      ]),
    },
    { name: 'checkpoint/__0_0.distcp', content: join(archive, archive) },
    { name: 'checkpoint/__1_0.distcp', content: archive },
  ]),
);

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
    rule: 'named-code',
    says: 'The manifest of TorchServe names a Python file as the handler, where an ordinary one names a handler of TorchServe.',
    passing: text('ordinary/MAR-INF/MANIFEST.json', '{"model": {"handler": "image_classifier"}}'),
    failing: text('own/MAR-INF/MANIFEST.json', '{"model": {"handler": "handler.py"}}'),
  },
  {
    format: 'by-name',
    rule: 'template-code',
    says: 'A chat template in a file of its own reaches for the inside of Python.',
    passing: text('ordinary/chat_template.jinja', "{{ messages[0]['content'] | trim }}"),
    failing: text('inside/chat_template.jinja', "{{ ''.__class__.__mro__ }}"),
  },
  {
    format: 'by-name',
    rule: 'remote-code',
    says: 'The index of a pipeline of diffusers takes a part from a module that is not of diffusers.',
    passing: text(
      'ordinary/model_index.json',
      '{"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}',
    ),
    failing: text(
      'own/model_index.json',
      '{"_class_name": "StableDiffusionPipeline", "unet": ["own_unet", "OwnUNet"]}',
    ),
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
    rule: 'checkpoint-piece',
    says: 'The metadata of a distributed checkpoint names bytes in the middle of a tensor, where an ordinary one names whole archives.',
    passing: checkpoint,
    failing: evil('a-checkpoint-that-names-other-bytes/a-pickle-in-a-tensor.tar'),
  },
  {
    format: 'by-name',
    rule: 'package-source',
    says: 'A list of packages takes one from an address, where an ordinary one names a version.',
    passing: text('requirements.txt', 'scikit-learn==1.9.1\nnumpy>=2\n'),
    failing: text('address/requirements.txt', 'scikit-learn==1.9.1\nchurn @ https://example.com/churn.whl\n'),
  },
];
