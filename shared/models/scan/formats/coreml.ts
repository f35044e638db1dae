import type { Found, Report } from '../finding.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { findSecrets, secretWords } from '../text/secrets.ts';
import { BLOB, CUSTOM, LINK_PART, MODEL, OPERATION, SERIALIZED } from './coreml-messages.ts';
import { type Message, PROTOBUF_RULES, ProtobufWalk } from './protobuf.ts';

const MOST_FOUND = 200;
/** The folder of the model itself, as Core ML writes it. */
const OWN_FOLDER = /^@model_path\//;

/** Where a path leads out of the folder that the model lies in. */
function leadsOut(path: string): boolean {
  return /^(?:[/\\~]|[a-z]:|[a-z][a-z0-9+.-]*:\/\/)|(?:^|[/\\])\.\.(?:[/\\]|$)/i.test(path);
}

/** What is wrong with one part of a model, without where. */
function judge({ type, field, texts }: Message): Omit<Found, 'offset'> | undefined {
  const shown = (number: number) => JSON.stringify(texts.get(number)?.at(-1) ?? '');
  if (type === CUSTOM) return { rule: 'unknown-operator', what: `The class ${shown(10)} is needed.` };
  // As coremltools writes an operation of its own.
  if (type === OPERATION && texts.get(1)?.includes('custom_layer'))
    return { rule: 'unknown-operator', what: 'An operation is a class of the app that loads the model.' };
  if (type === SERIALIZED)
    return {
      rule: 'unknown-operator',
      what: `A model is stored in the form ${shown(1)}, which only Apple's software reads.`,
    };
  if (type === BLOB && texts.get(1)?.some((path) => leadsOut(path.replace(OWN_FOLDER, ''))))
    return { rule: 'external-data', what: `Numbers are read from ${shown(1)}.` };
  // Of a link the second field lists folders.
  const isElsewhere = (path: string) => (field === 2 ? path.split(':').some(leadsOut) : leadsOut(path));
  if (type === LINK_PART && texts.get(1)?.some(isElsewhere))
    return { rule: 'external-data', what: `Another model is loaded from ${shown(1)}.` };
  return undefined;
}

function judgeAll(message: Message, report: Report): void {
  const { offset, texts } = message;
  const problem = judge(message);
  if (problem !== undefined) report({ ...problem, offset });
  for (const text of [...texts.values()].flat())
    for (const secret of findSecrets(text)) report({ rule: 'secret', offset, what: secretWords(secret) });
}

/** Looks into a Core ML model: whether it needs code of its own or other files. No code is in it. */
export async function scanCoreMl(input: ScanInput, context: ScanContext): Promise<void> {
  let found = 0;
  const report: Report = (one) => {
    if (found++ < MOST_FOUND) context.report(one);
  };
  const walk = new ProtobufWalk(input.reader, { close: (message) => judgeAll(message, report) });
  const problem = await walk.walk(MODEL, input.size);
  if (problem === undefined) return;
  context.report({ rule: PROTOBUF_RULES[problem.kind], offset: input.reader.offset, what: problem.what });
}
