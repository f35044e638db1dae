import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';
import { UserError } from '../../shared/errors.ts';
import { parseYamlDocument } from '../../shared/records/document.ts';

/** Hyperparameters: a map from names to values, written in the workflow or in a file. */

const paramsSchema = z.record(z.string(), z.json());
export type Params = z.infer<typeof paramsSchema>;

/**
 * Reads the input `params`: a YAML or JSON map, or the path of a file that holds one.
 * @throws UserError when it is neither, or when two names become the same variable.
 */
export async function readParams(given: string | undefined): Promise<Params> {
  const text = given?.trim() ?? '';
  if (text === '') return {};
  const isFile = !text.includes('\n') && (await stat(text).catch(() => undefined))?.isFile();
  const source = isFile ? await readFile(text, 'utf8') : text;
  const document = await parseYamlDocument(source, isFile ? text : 'params', z.unknown());
  const params = paramsSchema.safeParse(document.value ?? {});
  if (!params.success) {
    const path = /^\S+\.(ya?ml|json)$/.test(text) ? `there is no file ${text} and it is` : 'it is';
    throw new UserError(`The input params cannot be read: ${path} not a map of names to values.`, {
      where: { key: 'params' },
      fix: 'Write it like "learning_rate: 0.1" with one name per line, or give the path of a YAML or JSON file.',
    });
  }
  paramVariables(params.data);
  return params.data;
}

/**
 * The variables `PARAM_<NAME>` of the parameters: `learning-rate` and `learningRate` both become
 * PARAM_LEARNING_RATE. Texts, numbers and booleans as they are, lists and maps as JSON, null as nothing.
 * @throws UserError when two parameters have the same variable.
 */
export function paramVariables(params: Params): Record<string, string> {
  const variables: Record<string, string> = {};
  const owners = new Map<string, string>();
  for (const [name, value] of Object.entries(params)) {
    const variable = `PARAM_${upperSnakeCase(name)}`;
    const owner = owners.get(variable);
    if (owner !== undefined) {
      throw new UserError(`The parameters "${owner}" and "${name}" would both be ${variable}.`, {
        where: { key: 'params' },
        fix: 'Rename one of them.',
      });
    }
    owners.set(variable, name);
    const text = valueText(value);
    if (text.includes('\0')) {
      throw new UserError(`The parameter "${name}" holds a zero byte, which no variable can hold.`, {
        where: { key: 'params' },
      });
    }
    variables[variable] = text;
  }
  return variables;
}

/** SageMaker hands every hyperparameter over as text inside one JSON map. */
export function valueText(value: Params[string]): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function upperSnakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}
