import type { Found } from '../finding.ts';
import type { JsonEvents } from './json-stream.ts';
import { judgeKerasObject } from './keras-objects.ts';

/** In characters: what is kept of a text. */
const MOST_KEPT = 1000;

interface OpenObject {
  isObject: boolean;
  /** The key in this object whose value comes. */
  key: string;
  /** Texts of this object by their keys. */
  texts: Map<string, string> | undefined;
  /** Texts of the object under `config`. */
  config: Map<string, string> | undefined;
}

const NO_TEXTS: ReadonlyMap<string, string> = new Map();

/** The keys whose texts are looked at, in an object that stands for a class and in its `config`. */
const KEPT = new Set([
  'class_name',
  'module',
  'registered_name',
  'config',
  'function',
  'function_type',
  'output_shape_type',
  'vocabulary',
  'idf_weights',
]);

/** Whether a text under this key is looked at. */
export function isTakenByKeras(key: string): boolean {
  return KEPT.has(key);
}

/**
 * Follows the JSON of a Keras configuration, whole, wherever in it a class is named, and tells what its loader would
 * import or run.
 */
export class KerasConfig implements Pick<JsonEvents, 'open' | 'close' | 'key' | 'value'> {
  readonly #report: (found: Omit<Found, 'offset'>) => void;
  readonly #stack: OpenObject[] = [];
  /** How many objects that stand for a class there are. */
  classes = 0;

  constructor(report: (found: Omit<Found, 'offset'>) => void) {
    this.#report = report;
  }

  open(kind: 'object' | 'array'): void {
    this.#stack.push({ isObject: kind === 'object', key: '', texts: undefined, config: undefined });
  }

  key(name: string): void {
    this.#stack.at(-1)!.key = name;
  }

  value(value: string | number | boolean | null): void {
    const object = this.#stack.at(-1);
    if (typeof value !== 'string' || !object?.isObject || !KEPT.has(object.key)) return;
    object.texts ??= new Map();
    object.texts.set(object.key, value.slice(0, MOST_KEPT));
  }

  close(): void {
    const { texts, config, isObject } = this.#stack.pop()!;
    const holder = this.#stack.at(-1);
    if (holder?.isObject && holder.key === 'config') holder.config = texts;
    if (!isObject || texts === undefined) return;
    const kind = texts.get('function_type') ?? texts.get('output_shape_type');
    if (kind === 'lambda' || kind === 'raw')
      this.#report({ rule: 'keras-code', what: 'A layer holds a function as compiled Python code.' });
    if (!texts.has('class_name')) return;
    this.classes++;
    const object = {
      className: texts.get('class_name'),
      module: texts.get('module'),
      registeredName: texts.get('registered_name'),
      config: config ?? NO_TEXTS,
      named: texts.get('config'),
    };
    for (const found of judgeKerasObject(object)) this.#report(found);
  }
}
