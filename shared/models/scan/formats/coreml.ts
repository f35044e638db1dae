import type { ScanContext, ScanInput } from '../scan-input.ts';
import { findSecrets, secretWords } from '../text/secrets.ts';
import { type Message, type MessageType, PROTOBUF_RULES, ProtobufWalk } from './protobuf.ts';

/** The parts of a Core ML model that are looked at, with the numbers of their fields (Model.proto of coremltools 8). */
const CUSTOM: MessageType = { name: 'a class of its own', fields: { 10: 'text', 40: 'text' } };
const custom = () => CUSTOM;
const LAYER: MessageType = { name: 'a layer', fields: { 1: 'text', 500: custom } };
const NETWORK: MessageType = { name: 'a network', fields: { 1: () => LAYER } };
const network = () => NETWORK;
const PIPELINE: MessageType = { name: 'a pipeline', fields: { 1: () => MODEL } };
const STEPS: MessageType = { name: 'a pipeline', fields: { 1: () => PIPELINE } };
const ENTRY: MessageType = { name: 'an entry', fields: { 1: 'text', 2: 'text' } };
const METADATA: MessageType = {
  name: 'the metadata',
  fields: { 1: 'text', 2: 'text', 3: 'text', 4: 'text', 100: () => ENTRY },
};
const DESCRIPTION: MessageType = { name: 'the description', fields: { 100: () => METADATA } };
const PARAMETER: MessageType = { name: 'a parameter', fields: { 1: 'text' } };
const FILE: MessageType = { name: 'a file', fields: { 1: () => PARAMETER, 2: () => PARAMETER } };
const LINKED: MessageType = { name: 'a linked model', fields: { 1: () => FILE } };
const MODEL: MessageType = {
  name: 'the model',
  fields: {
    2: () => DESCRIPTION,
    200: () => STEPS,
    201: () => STEPS,
    202: () => PIPELINE,
    303: network,
    403: network,
    500: network,
    555: custom,
    556: () => LINKED,
  },
};
const MOST_FOUND = 200;

/** Looks into a Core ML model: whether it needs code of its own or other files. No code is in it. */
export async function scanCoreMl(input: ScanInput, context: ScanContext): Promise<void> {
  let found = 0;
  const report: ScanContext['report'] = (one) => {
    if (found++ < MOST_FOUND) context.report(one);
  };
  const close = ({ type, texts, offset }: Message) => {
    if (type === CUSTOM)
      report({
        rule: 'unknown-operator',
        offset,
        what: `The class ${JSON.stringify(texts.get(10)?.at(-1) ?? '')} is needed.`,
      });
    if (type === PARAMETER && texts.get(1)?.some((text) => text.startsWith('/') || text.includes('..')))
      report({
        rule: 'external-data',
        offset,
        what: `The model ${JSON.stringify(texts.get(1)!.at(-1))} is loaded.`,
      });
    for (const text of [...texts.values()].flat())
      for (const secret of findSecrets(text)) report({ rule: 'secret', offset, what: secretWords(secret) });
  };
  const walk = new ProtobufWalk(input.reader, { close });
  const problem = await walk.walk(MODEL, input.size);
  if (problem === undefined) return;
  context.report({ rule: PROTOBUF_RULES[problem.kind], offset: input.reader.offset, what: problem.what });
}
