import type { Report } from '../finding.ts';
import { JsonStream } from '../formats/json-stream.ts';
import { isTakenByKeras, KerasConfig } from '../formats/keras-config.ts';
import { isExportedProgram, isTakenByTorchExport, judgeExported } from '../formats/torch-export.ts';
import { importOf } from '../loaders/import-of.ts';
import { judge } from '../pickle/judge.ts';
import { judgeTemplate } from './jinja.ts';
import { isSerialized, mayBePickled, PickledTexts, SERIALIZED } from './pickled-text.ts';
import { findSecrets, secretSigns, secretWords } from './secrets.ts';

/** Of one kind, more are not told of one text. */
const MOST_FOUND = 100;
/** Of all kinds: no model names so much, and each is kept. */
const MOST_KINDS = 10_000;

/** Keys by which a loader finds what to run: where one comes twice, loaders differ in which they take. */
const TELLING_KEYS = new Set(['class_name', 'module', 'registered_name', 'config', 'function', 'auto_map']);

/** What a key says of the texts under it. */
const SAYS = {
  nothing: 0,
  keras: 1,
  autoMap: 2,
  source: 4,
  template: 8,
  secret: 16,
  imported: 32,
  kernel: 64,
  serialized: 128,
} as const;
/** Keys whose texts jsonpickle imports; the last one it evaluated. */
const JSONPICKLE = new Set(['py/object', 'py/type', 'py/function', 'py/reduce', 'py/class', 'py/repr']);
/** Keys under which transformers finds classes in Python files beside the model. */
const OWN_CODE = new Set(['auto_map', 'custom_pipelines']);
/** Keys under which transformers finds a kernel of the Hub. */
const KERNEL = /^_?(?:attn|experts)_implementation(?:_internal)?$/;
const KERNEL_OF_HUB = /^(?:paged\|)?(?!kernels-community\/)[\w.-]+\/[\w.-]+/;
const TELLING = /template|passw|secret|key|token/i;
const SHELL = /^[^\S\n\r\u2028\u2029]*(?:!|%%?(?:bash|sh|system|sx|script|cmd)\b)/m;
/** In bytes: no key or password is shorter. */
const LEAST_SECRET = 8;

/** Of keys that came before: most come again and again. */
const MOST_KNOWN = 1_000;

function saysOf(key: string): number {
  if (OWN_CODE.has(key)) return SAYS.autoMap;
  if (JSONPICKLE.has(key)) return SAYS.imported;
  if (KERNEL.test(key)) return SAYS.kernel;
  if (key === SERIALIZED) return SAYS.serialized;
  if (key === 'source') return SAYS.source;
  if (isTakenByKeras(key)) return SAYS.keras;
  if (!TELLING.test(key)) return SAYS.nothing;
  return /template/i.test(key) ? SAYS.template : SAYS.secret;
}

/**
 * Follows any JSON beside or in a model: as the configuration of Keras, as a notebook, as the settings of a model of
 * transformers, and as an exported program of PyTorch, whichever it is, since nothing but its content tells; and looks for
 * keys and passwords in its texts.
 */
export class JsonText {
  readonly json: JsonStream;
  readonly keras: KerasConfig;
  /** In its texts, that are to be looked into; only kept where it is all of a stream. */
  readonly pickles = new PickledTexts();
  readonly #report: Report;
  readonly #offset: number | null;
  /** Of each part that is open: its key whose value comes, and what that says. */
  readonly #keys: string[] = [];
  readonly #says: number[] = [];
  readonly #known = new Map<string, number>();
  /** As a notebook says: the language of cells is not told before they come, so all that begin so are told. */
  #shellCells = 0;
  /** How many there were of each kind: a hundred harmless ones must not hide another. */
  readonly #found = new Map<string, number>();
  #isTooMuch = false;
  /** Whether what comes belongs to an exported program, and whether anything did. */
  #inProgram = false;
  #hasProgram = false;

  /** @param offset of its first byte in the stream; null where it is all of it. */
  constructor(report: Report, offset: number | null) {
    this.#report = (found) => {
      const kind = `${found.rule} ${found.name?.slice(0, 200)}`;
      const before = this.#found.get(kind) ?? 0;
      if (before === 0 && this.#found.size >= MOST_KINDS) return this.#tooMuch(report);
      this.#found.set(kind, before + 1);
      if (before < MOST_FOUND) report(found);
    };
    this.#offset = offset;
    this.keras = new KerasConfig((found) => this.#report({ ...found, offset: this.#at() }));
    this.json = new JsonStream({
      open: (kind) => {
        if (this.#saysAbove(1) === SAYS.autoMap) this.#remoteCode(this.#nearestKey());
        this.keras.open(kind);
        this.#keys.push('');
        this.#says.push(SAYS.nothing);
      },
      close: () => {
        this.#keys.pop();
        this.#says.pop();
        this.keras.close();
      },
      key: (name) => {
        this.#keys[this.#keys.length - 1] = name;
        if (this.#keys.length === 1) this.#enterProgram(isExportedProgram(name));
        this.#says[this.#says.length - 1] = this.#saysOf(name);
        this.keras.key(name);
      },
      remembers: (name) => TELLING_KEYS.has(name),
      takesText: (bytes, start, end, hasEscapes) => this.#takes(bytes, start, end, hasEscapes),
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

  /** Whether some of it is an exported program of PyTorch. */
  get isProgram(): boolean {
    return this.#hasProgram;
  }

  #enterProgram(inProgram: boolean): void {
    this.#inProgram = inProgram;
    this.#hasProgram ||= inProgram;
  }

  #tooMuch(report: Report): void {
    if (this.#isTooMuch) return;
    this.#isTooMuch = true;
    const what = `More than ${MOST_KINDS.toLocaleString('en-US')} different things are found: the rest is not told.`;
    report({ rule: 'cannot-look-into', offset: this.#at(), what });
  }

  /** The key of what comes next, or of the list that holds it. */
  #nearestKey(): string {
    return this.#keys.findLast((key) => key !== '') ?? '';
  }

  #at(): number {
    return (this.#offset ?? 0) + this.json.offset;
  }

  #saysOf(key: string): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const says = saysOf(key);
    if (this.#known.size < MOST_KNOWN) this.#known.set(key, says);
    return says;
  }

  /** What the key `up` levels above says of what comes next: 1 is its own. */
  #saysAbove(up: number): number {
    return this.#says[this.#says.length - up] ?? SAYS.nothing;
  }

  /** Most texts of a model are words of a vocabulary, or numbers: they are not even decoded. */
  #takes(bytes: Uint8Array, start: number, end: number, hasEscapes: boolean): boolean {
    if ((this.#saysAbove(1) | this.#saysAbove(2) | this.#saysAbove(3)) !== SAYS.nothing) return true;
    if (this.#inProgram && isTakenByTorchExport(this.#nearestKey())) return true;
    if (end - start < LEAST_SECRET) return false;
    return hasEscapes || isSerialized(bytes, start) || secretSigns(bytes, start, end) !== 0;
  }

  #duplicate(name: string): void {
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
    const says = this.#saysAbove(1);
    if (value === true && this.#keys.at(-1) === 'trust_remote_code') this.#remoteCode('trust_remote_code');
    if (typeof value !== 'string') return;
    if (this.#inProgram)
      for (const found of judgeExported(this.#nearestKey(), value))
        this.#report({ ...found, offset: this.#at() });
    if (says === SAYS.autoMap) this.#remoteCode(this.#nearestKey());
    if (says === SAYS.imported) this.#imported(value);
    if (says === SAYS.kernel && KERNEL_OF_HUB.test(value)) this.#remoteCode(this.#nearestKey());
    if (says === SAYS.serialized || mayBePickled(value)) this.#pickled(value, says === SAYS.serialized);
    const isSource = says === SAYS.source || this.#saysAbove(2) === SAYS.source;
    if (isSource && SHELL.test(value)) this.#shellCells++;
    const isTemplate = [1, 2, 3].some((up) => this.#saysAbove(up) === SAYS.template);
    if (isTemplate && /\{[{%]/.test(value)) this.#template(value);
    if (value.length >= LEAST_SECRET) this.#secrets(value, line);
  }

  /** What jsonpickle imports, to call it or to make an object of it. */
  #imported(name: string): void {
    const key = this.#nearestKey();
    const danger = key === 'py/repr' ? { what: 'is evaluated' } : judge(importOf(name));
    if (!danger) return;
    const what = `\`${name.slice(0, 200)}\` is imported by jsonpickle, as ${key} says, which ${danger.what}.`;
    this.#report({ rule: 'named-code', offset: this.#at(), what, name });
  }

  #pickled(text: string, isNamed: boolean): void {
    if (this.#offset !== null) return;
    const what = this.pickles.add(text, this.#at(), isNamed);
    if (what !== undefined) this.#report({ rule: 'cannot-look-into', offset: this.#at(), what });
  }

  #template(value: string): void {
    for (const problem of judgeTemplate(value))
      this.#report({ rule: 'template-code', offset: this.#at(), what: `A template ${problem}.` });
  }

  /** A text alone, and with its key before it: `"password": "…"`. */
  #secrets(value: string, line: number): void {
    const alone = findSecrets(value, line);
    const told = alone.length > 0 ? alone : this.#namedSecret(value, line);
    // In JSON the lines of a text are one: it is told where it is written.
    for (const secret of told)
      this.#report({ rule: 'secret', offset: this.#at(), what: secretWords({ ...secret, line }) });
  }

  #namedSecret(value: string, line: number): ReturnType<typeof findSecrets> {
    const key = this.#keys.at(-1) ?? '';
    if (this.#saysAbove(1) !== SAYS.secret || key.length > 100 || value.length > 200) return [];
    return findSecrets(`${key}: ${JSON.stringify(value)}`, line);
  }
}
