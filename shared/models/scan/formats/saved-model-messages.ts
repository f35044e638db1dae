/** The parts of a SavedModel that are looked at, with the numbers of their fields (TensorFlow 2.20). */
import type { MessageType } from './protobuf.ts';

const TENSOR: MessageType = { name: 'a tensor', fields: { 8: 'text' } };
const LIST: MessageType = { name: 'a list', fields: { 2: 'text', 8: () => TENSOR, 9: () => FUNCTION_CALL } };
const VALUE: MessageType = {
  name: 'the value of an attribute',
  fields: { 1: () => LIST, 2: 'text', 8: () => TENSOR, 10: () => FUNCTION_CALL },
};
const ATTRIBUTE: MessageType = { name: 'an attribute', fields: { 1: 'text', 2: () => VALUE } };
const FUNCTION_CALL: MessageType = { name: 'a function', fields: { 1: 'text', 2: () => ATTRIBUTE } };

export const GRAPH_NODE: MessageType = {
  name: 'a node',
  fields: { 1: 'text', 2: 'text', 5: () => ATTRIBUTE },
};
const FUNCTION: MessageType = { name: 'a function', fields: { 3: () => GRAPH_NODE } };
const LIBRARY: MessageType = { name: 'the functions', fields: { 1: () => FUNCTION } };
const GRAPH: MessageType = { name: 'a graph', fields: { 1: () => GRAPH_NODE, 2: () => LIBRARY } };

export const ASSET: MessageType = { name: 'a file of the model', fields: { 2: 'text' } };
/** Of TensorFlow's object graph: what Keras says of a layer, as JSON. */
export const USER_OBJECT: MessageType = { name: 'an object', fields: { 1: 'text', 3: 'text' } };
const SAVED_OBJECT: MessageType = { name: 'an object', fields: { 4: () => USER_OBJECT } };
const OBJECTS: MessageType = { name: 'the objects', fields: { 1: () => SAVED_OBJECT } };

const META_GRAPH: MessageType = {
  name: 'a graph with its signatures',
  fields: { 2: () => GRAPH, 6: () => ASSET, 7: () => OBJECTS },
};
export const SAVED_MODEL: MessageType = { name: 'the model', fields: { 2: () => META_GRAPH } };

/** Of `keras_metadata.pb`. */
export const KERAS_NODE: MessageType = { name: 'an object', fields: { 4: 'text', 5: 'text' } };
export const KERAS_METADATA: MessageType = {
  name: 'what Keras says of the model',
  fields: { 1: () => KERAS_NODE },
};
