/**
 * The service models of AWS, as the SDKs are made from them: a fake that checks every request and each of its own
 * answers against them cannot drift from the service.
 */
import { readFileSync } from 'node:fs';

export interface Shape {
  type: string;
  members?: Record<string, Member>;
  required?: string[];
  /** Of a list. */
  member?: Member;
  flattened?: boolean;
  /** Of a map. */
  key?: Member;
  value?: Member;
  enum?: string[];
  pattern?: string;
  min?: number;
  max?: number;
  /** The member that is the body. */
  payload?: string;
  exception?: boolean;
  /** Of an exception: its status, 400 where there is none, and its name of old in services that spoke another protocol. */
  error?: { httpStatusCode?: number; code?: string };
}

export interface Member {
  shape: string;
  location?: 'uri' | 'querystring' | 'header' | 'headers';
  locationName?: string;
  flattened?: boolean;
}

export interface Operation {
  http: { method: string; requestUri: string; responseCode?: number };
  input?: Member;
  output?: Member;
  errors?: { shape: string }[];
}

export interface ServiceModel {
  origin: string;
  operations: Record<string, Operation>;
  shapes: Record<string, Shape>;
}

export type ModelledService =
  | 'application-autoscaling'
  | 'cloudwatch'
  | 'logs'
  | 'pricing'
  | 's3'
  | 'sagemaker'
  | 'sagemaker-runtime'
  | 'sts';

/** Reads one of `fixtures/aws/`. */
export function readServiceModel(service: ModelledService): ServiceModel {
  const file = new URL(`../fixtures/aws/${service}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as ServiceModel;
}

export function shapeOf(model: ServiceModel, name: string): Shape {
  const shape = model.shapes[name];
  if (!shape) throw new Error(`The service model has no shape ${name}.`);
  return shape;
}

/** Everything in which a value is not of a shape; fields that the shape does not have count too. */
export function violations(model: ServiceModel, shapeName: string, value: unknown, path = ''): string[] {
  const shape = shapeOf(model, shapeName);
  const wrong = (what: string): string[] => [`${path || shapeName}: ${what}`];
  switch (shape.type) {
    case 'structure':
      return isRecord(value) ? structureViolations(model, shape, value, path) : wrong('is no structure');
    case 'list': {
      if (!Array.isArray(value)) return wrong('is no list');
      const { member } = shape;
      const inner = value.flatMap((entry, index) =>
        violations(model, member?.shape ?? '', entry, `${path}[${index}]`),
      );
      return [...lengthViolations(shape, value.length, wrong), ...inner];
    }
    case 'map': {
      if (!isRecord(value)) return wrong('is no map');
      const entries = Object.entries(value);
      const inner = entries.flatMap(([key, entry]) => [
        ...violations(model, shape.key?.shape ?? '', key, `${path}.key(${key})`),
        ...violations(model, shape.value?.shape ?? '', entry, `${path}.${key}`),
      ]);
      return [...lengthViolations(shape, entries.length, wrong), ...inner];
    }
    case 'string':
      return typeof value === 'string' ? textViolations(shape, value, wrong) : wrong('is no text');
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong('is neither true nor false');
    case 'integer':
    case 'long':
      return Number.isInteger(value)
        ? boundViolations(shape, value as number, wrong)
        : wrong('is no whole number');
    case 'timestamp':
    case 'float':
    case 'double':
      return typeof value === 'number' ? [] : wrong('is no number');
    case 'blob':
      return value instanceof Uint8Array ? [] : wrong('is no bytes');
    default:
      return wrong(`has the type ${shape.type}, which is not checked`);
  }
}

function structureViolations(
  model: ServiceModel,
  shape: Shape,
  value: Record<string, unknown>,
  path: string,
): string[] {
  const members = shape.members ?? {};
  const at = (name: string) => (path ? `${path}.${name}` : name);
  const missing = (shape.required ?? []).filter((name) => value[name] === undefined);
  return [
    ...missing.map((name) => `${at(name)}: is required`),
    ...Object.entries(value).flatMap(([name, entry]) => {
      const member = members[name];
      if (!member) return [`${at(name)}: is not in the service model`];
      return entry === undefined ? [] : violations(model, member.shape, entry, at(name));
    }),
  ];
}

type Wrong = (what: string) => string[];

function lengthViolations({ min = 0, max = Infinity }: Shape, length: number, wrong: Wrong): string[] {
  return length < min || length > max ? wrong(`has ${length} entries, not ${min} to ${max}`) : [];
}

function boundViolations({ min = -Infinity, max = Infinity }: Shape, value: number, wrong: Wrong): string[] {
  return value < min || value > max ? wrong(`is ${value}, not ${min} to ${max}`) : [];
}

function textViolations(shape: Shape, value: string, wrong: Wrong): string[] {
  const { min = 0, max = Infinity } = shape;
  if (value.length < min || value.length > max)
    return wrong(`has ${value.length} characters, not ${min} to ${max}`);
  if (shape.enum && !shape.enum.includes(value))
    return wrong(`is ${value}, not one of ${shape.enum.join(', ')}`);
  if (shape.pattern && !patternOf(shape.pattern).test(value))
    return wrong(`${JSON.stringify(value)} is not of the pattern ${shape.pattern}`);
  return [];
}

const patterns = new Map<string, RegExp>();

/** Patterns are Java's and hold for the whole text; `${1,128}` stands at the end of some by mistake. */
export function patternOf(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known) return known;
  const text = pattern
    .replace(/\$\{\d+,\d+\}$/, '')
    .replace(/^\\A|\\z$/g, '')
    .replaceAll('[\\p{Print}]', '[ -~]')
    // It stands within classes alone.
    .replaceAll('\\p{Alnum}', 'a-zA-Z0-9')
    .replaceAll('\\p{Print}', '[ -~]');
  const made = new RegExp(`^(?:${text})$`, 'u');
  patterns.set(pattern, made);
  return made;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
