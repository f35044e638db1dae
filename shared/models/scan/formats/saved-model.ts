import type { Found, Report } from '../finding.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { JsonText } from '../text/json-text.ts';
import { findSecrets, secretWords } from '../text/secrets.ts';
import { type Message, type MessageType, PROTOBUF_RULES, ProtobufWalk } from './protobuf.ts';
import {
  ASSET,
  GRAPH_NODE,
  KERAS_METADATA,
  KERAS_NODE,
  SAVED_MODEL,
  USER_OBJECT,
} from './saved-model-messages.ts';
import { CODE, FILES } from './saved-model-operators.ts';

/** Its loader gives these the place of the model; that it names one itself is not usual. */
const SAVING = /^(?:Save|Restore|MergeV2Checkpoints|ShardedFilename)/;
const ABSOLUTE = /^(?:\/|[a-z]:[\\/]|[a-z][a-z0-9+]*:\/\/)/i;
const MOST_FOUND = 200;

class SavedModelFindings {
  readonly #report: Report;
  #saves: number | undefined;
  #absolute: string | undefined;
  #found = 0;
  readonly #libraries = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  close(message: Message): void {
    if (message.type === GRAPH_NODE)
      for (const operator of message.texts.get(2) ?? []) this.#operator(operator, message);
    else if (message.type === ASSET)
      for (const name of message.texts.get(2) ?? []) this.#asset(name, message);
    else if (message.type === USER_OBJECT || message.type === KERAS_NODE) this.#objectText(message);
    else for (const texts of message.texts.values()) for (const text of texts) this.#text(text, message);
  }

  end(): void {
    if (this.#saves === undefined || this.#absolute === undefined) return;
    const what = `The graph saves or restores, and has the name ${JSON.stringify(this.#absolute)}.`;
    this.#add({ rule: 'save-operator', offset: this.#saves, what });
  }

  #add(found: Found): void {
    if (this.#found++ < MOST_FOUND) this.#report(found);
  }

  #operator(operator: string, { offset, texts }: Message): void {
    const what = `The node ${JSON.stringify(texts.get(1)?.at(-1) ?? '')} is an operator ${operator}.`;
    if (CODE.has(operator)) this.#add({ rule: 'code-operator', offset, what });
    else if (FILES.has(operator)) this.#add({ rule: 'file-operator', offset, what });
    else if (SAVING.test(operator)) this.#saves ??= offset;
    else if (operator.includes('>')) this.#library(operator, offset);
  }

  /** Operators of libraries have the name of the library before them; those of TensorFlow itself never have. */
  #library(operator: string, offset: number): void {
    if (this.#libraries.has(operator) || this.#libraries.size >= MOST_FOUND) return;
    this.#libraries.add(operator);
    const library = JSON.stringify(operator.slice(0, operator.indexOf('>')));
    const what = `The operator ${JSON.stringify(operator)} is of the library ${library}.`;
    this.#add({ rule: 'unknown-operator', offset, what });
  }

  #asset(name: string, { offset }: Message): void {
    if (!ABSOLUTE.test(name) && !/(?:^|[/\\])\.\.(?:[/\\]|$)/.test(name)) return;
    const what = `The file ${JSON.stringify(name)} is read with the model.`;
    this.#add({ rule: 'external-data', offset, what });
  }

  #objectText({ type, texts, offset }: Message): void {
    for (const text of texts.get(type === KERAS_NODE ? 5 : 3) ?? []) {
      const json = new JsonText((found) => this.#add(found), offset);
      json.json.push(Buffer.from(text));
      json.json.finish();
      if (json.json.problem !== undefined && /class_name/.test(text)) {
        const what = `What Keras says of an object ${json.json.problem}.`;
        this.#add({ rule: 'unreadable', offset, what });
      }
    }
  }

  #text(text: string, { offset }: Message): void {
    if (text.startsWith('file://') && text.length < 1000)
      this.#add({ rule: 'file-operator', offset, what: `An operator writes to ${JSON.stringify(text)}.` });
    if (text.length < 1000 && ABSOLUTE.test(text)) this.#absolute ??= text;
    if (text.length >= 12)
      for (const secret of findSecrets(text))
        this.#add({ rule: 'secret', offset, what: secretWords(secret) });
  }
}

async function scanAs(type: MessageType, input: ScanInput, context: ScanContext): Promise<void> {
  const findings = new SavedModelFindings(context.report);
  const walk = new ProtobufWalk(input.reader, { close: (message) => findings.close(message) });
  const problem = await walk.walk(type, input.size);
  findings.end();
  if (problem === undefined) return;
  context.report({ rule: PROTOBUF_RULES[problem.kind], offset: input.reader.offset, what: problem.what });
}

/** Looks into `saved_model.pb`: which operators read or write files or run code, and what Keras says of its layers. */
export function scanSavedModel(input: ScanInput, context: ScanContext): Promise<void> {
  return scanAs(SAVED_MODEL, input, context);
}

/** Looks into `keras_metadata.pb`, in which Keras 2 keeps what it says of the layers of a SavedModel. */
export function scanKerasMetadata(input: ScanInput, context: ScanContext): Promise<void> {
  return scanAs(KERAS_METADATA, input, context);
}
