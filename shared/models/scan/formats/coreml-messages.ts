/** The parts of a Core ML model that are looked at, with the numbers of their fields (Model.proto of coremltools 9). */
import type { MessageType } from './protobuf.ts';

/** A layer, a step or a model whose code is a class of the app that loads it. */
export const CUSTOM: MessageType = { name: 'a class of its own', fields: { 10: 'text', 40: 'text' } };
const custom = () => CUSTOM;

const BRANCH: MessageType = { name: 'a branch', fields: { 1: () => NETWORK, 2: () => NETWORK } };
const LOOP: MessageType = { name: 'a loop', fields: { 3: () => NETWORK, 4: () => NETWORK } };
const LAYER: MessageType = {
  name: 'a layer',
  fields: { 1: 'text', 500: custom, 605: () => BRANCH, 615: () => LOOP },
};
const NETWORK: MessageType = { name: 'a network', fields: { 1: () => LAYER } };
const network = () => NETWORK;

/** Of a program: numbers that lie in another file of the package. */
export const BLOB: MessageType = { name: 'the place of numbers', fields: { 1: 'text' } };
const STRINGS: MessageType = { name: 'texts', fields: { 1: 'text' } };
const TENSOR: MessageType = { name: 'a tensor', fields: { 4: () => STRINGS } };
const VALUES: MessageType = { name: 'a list', fields: { 1: () => VALUE } };
const KEY_VALUE: MessageType = { name: 'an entry', fields: { 1: () => VALUE, 2: () => VALUE } };
const DICTIONARY: MessageType = { name: 'a dictionary', fields: { 1: () => KEY_VALUE } };
const IMMEDIATE: MessageType = {
  name: 'a value',
  fields: { 1: () => TENSOR, 2: () => VALUES, 3: () => VALUES, 4: () => DICTIONARY },
};
const VALUE: MessageType = { name: 'a value', fields: { 3: () => IMMEDIATE, 5: () => BLOB } };
const NAMED_VALUE: MessageType = { name: 'a value', fields: { 1: 'text', 2: () => VALUE } };
const BINDING: MessageType = { name: 'an argument', fields: { 2: () => VALUE } };
const ARGUMENT: MessageType = { name: 'an argument', fields: { 1: () => BINDING } };
const NAMED_ARGUMENT: MessageType = { name: 'an argument', fields: { 2: () => ARGUMENT } };
export const OPERATION: MessageType = {
  name: 'an operation',
  fields: { 1: 'text', 2: () => NAMED_ARGUMENT, 4: () => BLOCK, 5: () => NAMED_VALUE },
};
const BLOCK: MessageType = { name: 'a block', fields: { 3: () => OPERATION, 4: () => NAMED_VALUE } };
const NAMED_BLOCK: MessageType = { name: 'a block', fields: { 2: () => BLOCK } };
const FUNCTION: MessageType = {
  name: 'a function',
  fields: { 3: () => NAMED_BLOCK, 4: () => NAMED_VALUE },
};
const NAMED_FUNCTION: MessageType = { name: 'a function', fields: { 2: () => FUNCTION } };
const PROGRAM: MessageType = {
  name: 'a program',
  fields: { 2: () => NAMED_FUNCTION, 3: 'text', 4: () => NAMED_VALUE },
};

const PIPELINE: MessageType = { name: 'a pipeline', fields: { 1: () => MODEL } };
const STEPS: MessageType = { name: 'a pipeline', fields: { 1: () => PIPELINE } };
const ENTRY: MessageType = { name: 'an entry', fields: { 1: 'text', 2: 'text' } };
const METADATA: MessageType = {
  name: 'the metadata',
  fields: { 1: 'text', 2: 'text', 3: 'text', 4: 'text', 100: () => ENTRY },
};
const DESCRIPTION: MessageType = { name: 'the description', fields: { 100: () => METADATA } };

/** Of a linked model: its name, or the folders that it is looked for in. */
export const LINK_PART: MessageType = { name: 'a link', fields: { 1: 'text' } };
const LINKED_FILE: MessageType = { name: 'a link', fields: { 1: () => LINK_PART, 2: () => LINK_PART } };
const LINKED: MessageType = { name: 'a linked model', fields: { 1: () => LINKED_FILE } };

/** In a form that only Apple's software reads. */
export const SERIALIZED: MessageType = { name: 'a model in another form', fields: { 1: 'text' } };

export const MODEL: MessageType = {
  name: 'the model',
  fields: {
    2: () => DESCRIPTION,
    200: () => STEPS,
    201: () => STEPS,
    202: () => PIPELINE,
    303: network,
    403: network,
    500: network,
    502: () => PROGRAM,
    555: custom,
    556: () => LINKED,
    3000: () => SERIALIZED,
  },
};
