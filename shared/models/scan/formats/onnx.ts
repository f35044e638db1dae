import type { Found } from '../finding.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { findNamedCode } from '../text/named-code.ts';
import { findSecrets, secretWords } from '../text/secrets.ts';
import { externalProblem, rangeProblem } from './onnx-external.ts';
import { ATTRIBUTE, ENTRY, FUNCTION, MODEL, NODE, TENSOR } from './onnx-messages.ts';
import { type Message, PROTOBUF_RULES, ProtobufWalk } from './protobuf.ts';

/** Domains whose operators every runtime has, or ONNX Runtime itself. */
const KNOWN_DOMAINS = new Set([
  '',
  'ai.onnx',
  'ai.onnx.ml',
  'ai.onnx.training',
  'ai.onnx.preview.training',
  'ai.onnx.preview',
  'com.microsoft',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
]);
/** Of ONNX Runtime and its extensions: they call Python by a name that the model gives. */
const PYTHON_OPERATORS = /^Py(?:Op|CustomOp|Func|thonOp|thonOpGrad|TorchOp)$/;
/** Different operators that are remembered: more is more than any model has. */
const MOST_OPERATORS = 10_000;

function last(values: string[] | undefined): string {
  return values?.at(-1) ?? '';
}

/** What is found in one ONNX model, as its parts go by. */
class OnnxFindings {
  readonly #report: (found: Found) => void;
  readonly #sizeBeside: ScanContext['sizeBeside'];
  /** Operators outside of the known domains, and where the first of each is. */
  readonly #unknown = new Map<string, { operator: string; domain: string; offset: number }>();
  readonly #functions = new Set<string>();
  readonly #external = new Map<Message, Map<string, string>>();

  constructor({ report, sizeBeside }: Pick<ScanContext, 'report' | 'sizeBeside'>) {
    this.#report = report;
    this.#sizeBeside = sizeBeside;
  }

  close(message: Message, holders: readonly Message[]): void {
    const holder = holders.at(-1);
    if (message.type === ENTRY) this.#entry(message, holder!);
    else if (message.type === TENSOR) this.#tensor(message);
    else if (message.type === NODE) this.#node(message);
    else if (message.type === ATTRIBUTE) this.#attribute(message);
    else if (message.type === FUNCTION) this.#function(message);
    for (const [field, texts] of message.texts)
      if (message.type !== NODE || field !== 4) for (const text of texts) this.#secrets(text, message);
  }

  /** The whole model was walked over: functions of its own may have come behind the operators that call them. */
  end(): void {
    for (const [key, { operator, domain, offset }] of this.#unknown) {
      if (this.#functions.has(key)) continue;
      const what = `The operator ${JSON.stringify(operator)} is of the domain ${JSON.stringify(domain)}.`;
      this.#report({ rule: 'unknown-operator', offset, what });
    }
  }

  #entry(message: Message, holder: Message): void {
    if (holder.type !== TENSOR) this.#metadata(message);
    if (holder.type !== TENSOR || message.field !== 13) return;
    const entries = this.#external.get(holder) ?? new Map<string, string>();
    this.#external.set(holder, entries);
    const keys = message.texts.get(1) ?? [''];
    for (const key of keys)
      for (const value of message.texts.get(2) ?? ['']) this.#dataEntry(entries, key, value, message);
  }

  /** Libraries keep a configuration there. */
  #metadata({ texts, offset }: Message): void {
    for (const key of texts.get(1) ?? [''])
      for (const value of texts.get(2) ?? [])
        findNamedCode(`${key}:\n${value}`, (found) => this.#report({ ...found, offset }));
  }

  #dataEntry(entries: Map<string, string>, key: string, value: string, { offset }: Message): void {
    if (entries.has(key))
      this.#report({
        rule: 'duplicate-key',
        offset,
        what: `A tensor names ${JSON.stringify(key)} of its data twice.`,
      });
    entries.set(key, value);
    const problem = externalProblem(key, value);
    if (problem !== undefined) this.#report({ offset, ...problem });
  }

  #tensor(message: Message): void {
    const entries = this.#external.get(message);
    this.#external.delete(message);
    if (entries === undefined) return;
    const name = JSON.stringify(last(message.texts.get(8)));
    if (!entries.has('location')) {
      const what = `The tensor ${name} has external data without a location.`;
      this.#report({ rule: 'external-data', offset: message.offset, what });
      return;
    }
    const isHarmless = [...entries].every(([key, value]) => externalProblem(key, value) === undefined);
    const size = isHarmless ? this.#sizeBeside?.(entries.get('location')!) : undefined;
    const problem = size === undefined ? undefined : rangeProblem(entries, size);
    if (problem === undefined) return;
    const what = `The data of the tensor ${name} ${problem}.`;
    this.#report({ rule: 'cut-off', offset: message.offset, what });
  }

  #node(message: Message): void {
    const domains = message.texts.get(7) ?? [''];
    for (const operator of message.texts.get(4) ?? [])
      for (const domain of domains) this.#operator(operator, domain, message);
  }

  #operator(operator: string, domain: string, { offset, texts }: Message): void {
    if (PYTHON_OPERATORS.test(operator)) {
      const name = JSON.stringify(last(texts.get(3)));
      const what = `The node ${name} calls Python by the operator ${JSON.stringify(operator)} of ${JSON.stringify(domain)}.`;
      this.#report({ rule: 'code-operator', offset, what });
    } else if (!KNOWN_DOMAINS.has(domain)) {
      const key = JSON.stringify([domain, operator]);
      if (this.#unknown.has(key)) return;
      if (this.#unknown.size < MOST_OPERATORS) this.#unknown.set(key, { operator, domain, offset });
      else if (this.#unknown.size === MOST_OPERATORS) {
        this.#unknown.set('', { operator: '…', domain: '…', offset });
        this.#report({
          rule: 'cannot-look-into',
          offset,
          what: `It has more than ${MOST_OPERATORS} operators of its own.`,
        });
      }
    }
  }

  /** ONNX Runtime reads a compiled part of a model from the file that this attribute names. */
  #attribute(message: Message): void {
    if (last(message.texts.get(1)) !== 'ep_cache_context') return;
    const value = last(message.texts.get(4));
    const problem = value.length < 4096 ? externalProblem('location', value) : undefined;
    if (problem !== undefined && /[/\\]/.test(value) && !/[\0-\x1f]/.test(value))
      this.#report({ offset: message.offset, ...problem });
  }

  #function(message: Message): void {
    for (const name of message.texts.get(1) ?? [''])
      for (const domain of message.texts.get(10) ?? [''])
        if (this.#functions.size < MOST_OPERATORS) this.#functions.add(JSON.stringify([domain, name]));
  }

  #secrets(text: string, { offset }: Message): void {
    if (text.length < 12) return;
    for (const secret of findSecrets(text))
      this.#report({ rule: 'secret', offset, what: secretWords(secret) });
  }
}

/**
 * Looks into an ONNX model: where its data outside of the file lie, which operators are code, in all graphs, however
 * nested, and in functions, and whether its texts hold keys. Weights are passed over.
 */
export async function scanOnnx(input: ScanInput, context: ScanContext): Promise<void> {
  const findings = new OnnxFindings(context);
  const walk = new ProtobufWalk(input.reader, {
    close: (message, holders) => findings.close(message, holders),
  });
  const problem = await walk.walk(MODEL, input.size);
  findings.end();
  if (problem === undefined) return;
  context.report({ rule: PROTOBUF_RULES[problem.kind], offset: input.reader.offset, what: problem.what });
}
