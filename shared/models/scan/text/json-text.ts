import type { Report } from '../finding.ts';
import { JsonStream } from '../formats/json-stream.ts';
import { KerasConfig } from '../formats/keras-config.ts';
import { judgeTemplate } from './jinja.ts';
import { findSecrets, secretWords } from './secrets.ts';

/** Of one kind, more are not told of one text. */
const MOST_FOUND = 100;

/** Keys by which a loader finds what to run: where one comes twice, loaders differ in which they take. */
const TELLING_KEYS = new Set(['class_name', 'module', 'registered_name', 'config', 'function', 'auto_map']);

/**
 * Follows any JSON beside or in a model: as the configuration of Keras, as a notebook, and as the settings of a model of
 * transformers, whichever it is, since nothing but its content tells; and looks for keys and passwords in its texts.
 */
export class JsonText {
  readonly json: JsonStream;
  readonly keras: KerasConfig;
  readonly #report: Report;
  readonly #offset: number | null;
  readonly #keys: string[] = [];
  /** As a notebook says: the language of cells is not told before they come, so all that begin so are told. */
  #shellCells = 0;
  #found = 0;

  /** @param offset of its first byte in the stream; null where it is all of it. */
  constructor(report: Report, offset: number | null) {
    this.#report = (found) => {
      if (this.#found++ < MOST_FOUND) report(found);
    };
    this.#offset = offset;
    this.keras = new KerasConfig((found) => this.#report({ ...found, offset: this.#at() }));
    this.json = new JsonStream({
      open: (kind) => {
        if (this.#path(1) === 'auto_map') this.#remoteCode('auto_map');
        this.keras.open(kind);
        this.#keys.push('');
      },
      close: () => {
        this.#keys.pop();
        this.keras.close();
      },
      key: (name) => {
        this.#keys[this.#keys.length - 1] = name;
        this.keras.key(name);
      },
      value: (value, line) => {
        this.keras.value(value);
        this.#value(value, line);
      },
      duplicate: (name) => this.#duplicate(name),
    });
  }

  /** How many cells of a notebook run commands of the shell. */
  get shellCells(): number {
    return this.#shellCells;
  }

  #at(): number {
    return (this.#offset ?? 0) + this.json.offset;
  }

  /** The key `up` levels above what comes next: 1 is its own. */
  #path(up: number): string {
    return this.#keys.at(-up) ?? '';
  }

  #duplicate(name: string): void {
    if (!TELLING_KEYS.has(name)) return;
    this.#report({
      rule: 'duplicate-key',
      offset: this.#at(),
      what: `An object has ${JSON.stringify(name.slice(0, 200))} twice.`,
    });
  }

  #remoteCode(key: string): void {
    this.#report({ rule: 'remote-code', offset: this.#at(), what: `${key} is set.` });
  }

  #value(value: string | number | boolean | null, line: number): void {
    const key = this.#path(1);
    if (key === 'trust_remote_code' && value === true) this.#remoteCode(key);
    if (typeof value !== 'string') return;
    if (key === 'auto_map') this.#remoteCode(key);
    const isSource = key === 'source' || this.#path(2) === 'source';
    if (isSource && /^\s*(?:!|%%?(?:bash|sh|system|sx|script|cmd)\b)/m.test(value)) this.#shellCells++;
    if (/template/i.test(key) || /template/i.test(this.#path(2)) || /template/i.test(this.#path(3)))
      if (/\{[{%]/.test(value)) this.#template(value);
    if (value.length >= 8) this.#secrets(key, value, line);
  }

  #template(value: string): void {
    for (const problem of judgeTemplate(value))
      this.#report({ rule: 'template-code', offset: this.#at(), what: `A template ${problem}.` });
  }

  /** A text alone, and with its key before it: `"password": "…"`. */
  #secrets(key: string, value: string, line: number): void {
    const alone = findSecrets(value, line);
    const told = alone.length > 0 ? alone : this.#namedSecret(key, value, line);
    // In JSON the lines of a text are one: it is told where it is written.
    for (const secret of told)
      this.#report({ rule: 'secret', offset: this.#at(), what: secretWords({ ...secret, line }) });
  }

  #namedSecret(key: string, value: string, line: number): ReturnType<typeof findSecrets> {
    if (key.length < 3 || key.length > 100 || value.length > 200) return [];
    return findSecrets(`${key}: ${JSON.stringify(value)}`, line);
  }
}
