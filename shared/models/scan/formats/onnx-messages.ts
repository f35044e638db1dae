/** The parts of an ONNX model that are looked at, with the numbers of their fields (onnx.proto of ONNX 1.19). */
import type { MessageType } from './protobuf.ts';

export const ENTRY: MessageType = { name: 'an entry', fields: { 1: 'text', 2: 'text' } };
const entry = () => ENTRY;

export const TENSOR: MessageType = { name: 'a tensor', fields: { 8: 'text', 13: entry, 16: entry } };
const tensor = () => TENSOR;

const SPARSE: MessageType = { name: 'a sparse tensor', fields: { 1: tensor, 2: tensor } };
const sparse = () => SPARSE;

export const ATTRIBUTE: MessageType = {
  name: 'an attribute',
  fields: {
    1: 'text',
    4: 'text',
    5: tensor,
    6: () => GRAPH,
    10: tensor,
    11: () => GRAPH,
    22: sparse,
    23: sparse,
  },
};

export const NODE: MessageType = {
  name: 'a node',
  fields: { 3: 'text', 4: 'text', 5: () => ATTRIBUTE, 7: 'text', 9: entry },
};

const GRAPH: MessageType = {
  name: 'a graph',
  fields: { 1: () => NODE, 5: tensor, 10: 'text', 15: sparse, 16: entry },
};

export const FUNCTION: MessageType = {
  name: 'a function',
  fields: { 1: 'text', 7: () => NODE, 8: 'text', 10: 'text', 11: () => ATTRIBUTE, 14: entry },
};

const TRAINING: MessageType = { name: 'the training', fields: { 1: () => GRAPH, 2: () => GRAPH } };

export const MODEL: MessageType = {
  name: 'the model',
  fields: { 6: 'text', 7: () => GRAPH, 14: entry, 20: () => TRAINING, 25: () => FUNCTION },
};
