import { METADATA_FILE } from '../checkpoint/names.ts';
import { fileName, type Place } from '../finding.ts';
import type { Scanner } from '../scan-input.ts';

/** Files that a loader opens by their name, whatever they hold: what in them names code is looked for by name too. */
const SCANNERS: readonly [name: RegExp, () => Promise<Scanner>][] = [
  [/^MLmodel$/i, async () => (await import('./mlflow.ts')).scanMlmodel],
  [/^(?:pickle_module_info|keras_module)\.txt$/i, async () => (await import('./mlflow.ts')).scanModuleName],
  [
    /^(?:model-settings|settings|modules|router_config|config|config_sentence_transformers|adapter_config|MANIFEST|model_index)\.json$|^part-\d+$/i,
    async () => (await import('./settings.ts')).scanSettings,
  ],
  [/\.(?:jinja2?|j2)$/i, async () => (await import('./template.ts')).scanTemplate],
  [/^schema\.json$/i, async () => (await import('./skops.ts')).scanSkopsSchema],
  [
    /^(?:requirements[\w.-]*\.txt|(?:conda|environment|python_env)\.ya?ml)$/i,
    async () => (await import('./requirements.ts')).scanRequirements,
  ],
  [METADATA_FILE, async () => (await import('./torch-checkpoint.ts')).scanCheckpointMetadata],
];

/** @returns undefined where no loader looks for such a name. */
export async function scannerByName(place: Place): Promise<Scanner | undefined> {
  const name = fileName(place);
  return SCANNERS.find(([names]) => names.test(name))?.[1]();
}
