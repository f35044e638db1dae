import { parseDocument } from 'yaml';
import { judge } from '../pickle/judge.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { withLineFeeds } from '../text/line-ends.ts';
import { reportOnce } from '../text/once.ts';
import { importOf } from './import-of.ts';
import { isModelOfTransformers } from './transformers-models.ts';
import { wholeText } from './whole-text.ts';

/** In bytes: signatures of a thousand columns have a tenth of it. */
const MOST_BYTES = 1_000_000;
/** What flavors of MLflow join to the folder of the model, as they write it. */
const PATHS = new Set(
  'code data model_path pickled_model python_model model_data model_binary model_local_base conda virtualenv path'.split(
    ' ',
  ),
);
const OUTSIDE = /^[/\\]|^[a-z][a-z0-9+.-]*:|(?:^|[/\\])\.\.(?:[/\\]|$)/i;
/** What the flavors for PyTorch and TensorFlow write as the module that loads. */
const MODULES =
  /^(?:mlflow\.pytorch\.pickle_module|pickle|(?:tensorflow\.|tensorflow\.python\.)?keras|tf_keras)$/;
/** Of what the flavors for boosted trees and Spark make one object. */
const CLASSES = /^(?:xgboost|lightgbm|catboost|pyspark\.ml)\.[\w.]+$/;

/**
 * Looks into a description of MLflow: `mlflow.pyfunc.load_model` imports the module that it names, runs the Python
 * files that it names, and trusts the classes that it says are to be trusted.
 */
export async function scanMlmodel(input: ScanInput, context: ScanContext): Promise<void> {
  const report = reportOnce(context.report);
  const text = await wholeText(input, MOST_BYTES);
  if (text === undefined) {
    const what = `The description of the model has more than ${MOST_BYTES.toLocaleString('en-US')} bytes.`;
    report({ rule: 'cannot-look-into', offset: null, what });
    return;
  }
  // As PyYAML reads it: at a line's end of its own, a comment is over too.
  const document = parseDocument(withLineFeeds(text), { version: '1.1', merge: true, uniqueKeys: true });
  const [broken] = document.errors;
  if (broken) {
    const what = `The description of the model is no plain YAML: ${broken.message.split('\n', 1)[0]!}`;
    report({ rule: 'unreadable', offset: broken.pos[0], what });
    return;
  }
  const judgeValue = (key: string, value: unknown): void => {
    if (typeof value === 'string') judgeText(key, value, report);
    else if (key === 'skops_trusted_types' && Array.isArray(value)) judgeTrusted(value, report);
    else if (Array.isArray(value)) for (const one of value) judgeValue('', one);
    else if (value !== null && typeof value === 'object')
      for (const [name, one] of Object.entries(value)) judgeValue(name, one);
  };
  const flavors = (document.toJS({ maxAliasCount: 100 }) as { flavors?: unknown } | null)?.flavors;
  judgeValue('', flavors);
  for (const flavor of Object.values(flavors ?? {})) judgeHub(flavor, report);
}

/** The flavor for transformers takes a class that the library does not have from the Hub, with its code. */
function judgeHub(flavor: unknown, report: ScanContext['report']): void {
  if (flavor === null || typeof flavor !== 'object') return;
  const { pipeline_model_type: type, source_model_name: source } = flavor as Record<string, unknown>;
  if (typeof type !== 'string' || typeof source !== 'string' || isModelOfTransformers(type)) return;
  const shown = JSON.stringify(source.slice(0, 200));
  const what = `\`${type.slice(0, 200)}\` is no model of transformers: its code is taken from ${shown} and run.`;
  report({ rule: 'named-code', offset: null, what, name: type });
}

function judgeText(key: string, value: string, report: ScanContext['report']): void {
  const shown = JSON.stringify(value.slice(0, 200));
  if (key === 'loader_module' && !/^mlflow(?:\.\w+)*$/.test(value)) {
    const name = `${value}._load_pyfunc`;
    report({ rule: 'named-code', offset: null, what: `\`${name}\` is imported and called.`, name });
  }
  if (key === 'code') {
    const what = `\`mlflow.code\`: Python files of the folder ${shown} are imported before all others.`;
    report({ rule: 'named-code', offset: null, what, name: 'mlflow.code' });
  }
  if (key === 'model_code_path') {
    const what = `\`mlflow.model_code_path\`: the Python file ${shown} is run.`;
    report({ rule: 'named-code', offset: null, what, name: 'mlflow.model_code_path' });
  }
  if (key === 'keras_module') judgeModule(value, report);
  if (key === 'model_class' && !CLASSES.test(value))
    report({ rule: 'named-code', offset: null, what: `\`${value}\` is imported and called.`, name: value });
  if (PATHS.has(key) && OUTSIDE.test(value))
    report({ rule: 'external-data', offset: null, what: `The description names ${shown} as its ${key}.` });
}

function judgeTrusted(types: unknown[], report: ScanContext['report']): void {
  for (const type of types) {
    const danger = judge(importOf(String(type)));
    if (!danger) continue;
    const what = `\`${String(type)}\` is trusted, which ${danger.what}.`;
    report({ rule: 'named-code', offset: null, what, name: String(type) });
  }
}

/** Looks into a file that holds nothing but the name of the module by which MLflow loads. */
export async function scanModuleName(input: ScanInput, { report }: ScanContext): Promise<void> {
  const text = await wholeText(input, 1_000);
  judgeModule(text?.trim() ?? 'a name of more than 1,000 bytes', report);
}

function judgeModule(module: string, report: ScanContext['report']): void {
  if (MODULES.test(module)) return;
  const name = `${module}.load`;
  report({ rule: 'named-code', offset: null, what: `\`${name}\` is imported, to load the model.`, name });
}
