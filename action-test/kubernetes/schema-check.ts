/** Whether an object is one that the real schemas allow: those of fixtures/kubernetes, trimmed as its ORIGIN.md says. */
import { readFileSync } from 'node:fs';

interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  required?: string[];
  enum?: unknown[];
  default?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
}

const load = (file: string): unknown =>
  JSON.parse(
    readFileSync(new URL(`../../shared/testing/fixtures/kubernetes/${file}.json`, import.meta.url), 'utf8'),
  );
const core = load('kubernetes') as { kinds: Record<string, Schema>; definitions: Record<string, Schema> };
const META: Schema = { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };

/** A custom resource's own schema says of its metadata only that it is an object. */
function custom(file: string): Schema {
  const schema = load(file) as Schema;
  return { ...schema, properties: { ...schema.properties, metadata: META } };
}

const SCHEMAS: Record<string, Schema> = {
  ...core.kinds,
  HTTPRoute: custom('httproute'),
  InferenceService: custom('inferenceservice'),
};

/** Fills in the schema's defaults, as the API server does. @returns what is wrong, by path; empty when nothing is. */
export function checkObject(kind: string, object: unknown): string[] {
  const schema = SCHEMAS[kind];
  if (!schema) return [`the kind ${kind} is none that is known here`];
  return problems(schema, object, kind);
}

function problems(given: Schema, value: unknown, path: string): string[] {
  const schema = given.$ref ? core.definitions[given.$ref.replace('#/definitions/', '')]! : given;
  if (schema['x-kubernetes-preserve-unknown-fields'] && !schema.properties) return [];
  if (schema['x-kubernetes-int-or-string']) {
    return Number.isInteger(value) || typeof value === 'string'
      ? []
      : [`${path} is neither a number nor a string`];
  }
  if (schema.enum && !schema.enum.includes(value)) return [`${path} is none of ${schema.enum.join(', ')}`];
  switch (schema.type) {
    case 'string':
      return ofString(schema, value, path);
    case 'integer':
    case 'number':
      return ofNumber(schema, value, path);
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${path} is no boolean`];
    case 'array':
      return ofArray(schema, value, path);
    case 'object':
      return ofObject(schema, value, path);
    default:
      return schema.properties ? ofObject(schema, value, path) : [];
  }
}

function ofString({ pattern, minLength = 0, maxLength }: Schema, value: unknown, path: string): string[] {
  if (typeof value !== 'string') return [`${path} is no string`];
  if (pattern !== undefined && !new RegExp(pattern).test(value)) return [`${path} does not match ${pattern}`];
  const isRight = value.length >= minLength && value.length <= (maxLength ?? Number.POSITIVE_INFINITY);
  return isRight ? [] : [`${path} has ${value.length} characters`];
}

function ofNumber({ type, minimum, maximum }: Schema, value: unknown, path: string): string[] {
  if (typeof value !== 'number' || (type === 'integer' && !Number.isInteger(value)))
    return [`${path} is no ${type}`];
  const isIn =
    value >= (minimum ?? Number.NEGATIVE_INFINITY) && value <= (maximum ?? Number.POSITIVE_INFINITY);
  return isIn ? [] : [`${path} is ${value}`];
}

function ofArray({ items, minItems = 0, maxItems }: Schema, value: unknown, path: string): string[] {
  if (!Array.isArray(value)) return [`${path} is no list`];
  const isRight = value.length >= minItems && value.length <= (maxItems ?? Number.POSITIVE_INFINITY);
  const own = isRight ? [] : [`${path} has ${value.length} items`];
  return items
    ? [...own, ...value.flatMap((item, index) => problems(items, item, `${path}[${index}]`))]
    : own;
}

function ofObject(schema: Schema, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
  const { properties = {}, additionalProperties, required = [] } = schema;
  const object = value as Record<string, unknown>;
  for (const [key, inner] of Object.entries(properties)) {
    if (object[key] === undefined && inner.default !== undefined)
      object[key] = structuredClone(inner.default);
  }
  const missing = required
    .filter((key) => object[key] === undefined)
    .map((key) => `${path}.${key} is missing`);
  const found = Object.entries(object).flatMap(([key, item]) => {
    const inner = properties[key];
    if (inner) return problems(inner, item, `${path}.${key}`);
    if (typeof additionalProperties === 'object')
      return problems(additionalProperties, item, `${path}.${key}`);
    const isAny = additionalProperties === true || schema['x-kubernetes-preserve-unknown-fields'];
    const isOpen = isAny || (!schema.properties && additionalProperties === undefined);
    return isOpen ? [] : [`${path}.${key} is unknown`];
  });
  return [...missing, ...found];
}
