/**
 * The data contract as a person writes it: the Open Data Contract Standard, v3.1, and 3.0 and 3.2 where they agree.
 * Every key of the standard is known and every other is refused; keys that describe and promise nothing about rows
 * (team, price, servers, …) may hold anything.
 */
import * as z from 'zod';
import { literal } from './contract-operators.ts';
import { qualitySchema } from './contract-quality.ts';

const described = z.unknown().optional();
const text = z.string().optional();
const bound = z.union([z.number(), z.string()]).optional();
const size = z.number().int().min(0).optional();

const typeOptionsSchema = z.strictObject({
  minLength: size,
  maxLength: size,
  pattern: text,
  format: text,
  minimum: bound,
  maximum: bound,
  /** Version 3.0.0 had a boolean beside `minimum`. */
  exclusiveMinimum: z.union([z.number(), z.string(), z.boolean()]).optional(),
  exclusiveMaximum: z.union([z.number(), z.string(), z.boolean()]).optional(),
  multipleOf: z.number().gt(0).optional(),
  timezone: z.boolean().optional(),
  defaultTimezone: text,
  minItems: size,
  maxItems: size,
  uniqueItems: z.boolean().optional(),
  minProperties: size,
  maxProperties: size,
  required: z.array(z.string()).optional(),
});
export type TypeOptions = z.infer<typeof typeOptionsSchema>;
export type TypeOption = keyof TypeOptions;

export const LOGICAL_TYPES = [
  'string',
  'date',
  'timestamp',
  'time',
  'number',
  'integer',
  'object',
  'array',
  'boolean',
] as const;
export type LogicalType = (typeof LOGICAL_TYPES)[number];

const RANGE: readonly TypeOption[] = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'format'];
const OPTIONS_BY_TYPE: Record<LogicalType, readonly TypeOption[]> = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  date: RANGE,
  timestamp: [...RANGE, 'timezone', 'defaultTimezone'],
  time: [...RANGE, 'timezone', 'defaultTimezone'],
  number: [...RANGE, 'multipleOf'],
  integer: [...RANGE, 'multipleOf'],
  object: ['minProperties', 'maxProperties', 'required'],
  array: ['minItems', 'maxItems', 'uniqueItems'],
  boolean: [],
};

const elementShape = {
  id: text,
  name: z.string().min(1),
  physicalName: text,
  physicalType: text,
  description: text,
  businessName: described,
  authoritativeDefinitions: described,
  tags: described,
  relationships: described,
  quality: z.array(qualitySchema).optional(),
};

const customPropertySchema = z.strictObject({
  id: text,
  property: z.string(),
  value: z.unknown(),
  description: text,
});

const propertySchema = z
  .strictObject({
    ...elementShape,
    logicalType: z.enum(LOGICAL_TYPES).optional(),
    logicalTypeOptions: typeOptionsSchema.optional(),
    required: z.boolean().optional(),
    unique: z.boolean().optional(),
    primaryKey: z.boolean().optional(),
    primaryKeyPosition: z.number().int().optional(),
    partitioned: described,
    partitionKeyPosition: described,
    classification: described,
    encryptedName: described,
    transformSourceObjects: described,
    transformLogic: described,
    transformDescription: described,
    examples: described,
    criticalDataElement: described,
    customProperties: described,
    /** Inner structure of an object or array: described, not judged. */
    properties: described,
    items: described,
  })
  .superRefine((property, context) => {
    for (const option of Object.keys(property.logicalTypeOptions ?? {}) as TypeOption[]) {
      const allowed = property.logicalType ? OPTIONS_BY_TYPE[property.logicalType] : [];
      if (allowed.includes(option)) continue;
      const message = property.logicalType
        ? `${option} has no meaning for logicalType ${property.logicalType}`
        : `${option} needs a logicalType beside logicalTypeOptions`;
      context.addIssue({ code: 'custom', path: ['logicalTypeOptions', option], message });
    }
  });
export type ContractProperty = z.infer<typeof propertySchema>;

/** A custom property of ours: whether columns that the contract does not name are errors. */
export const STRICT_COLUMNS = 'strictColumns';

const objectSchema = z.strictObject({
  ...elementShape,
  logicalType: z.literal('object').optional(),
  dataGranularityDescription: described,
  customProperties: z.array(customPropertySchema).optional(),
  properties: z.array(propertySchema).default([]),
});
export type ContractObject = z.infer<typeof objectSchema>;

/** Units of time of the freshness promise, in hours. */
export const FRESHNESS_HOURS: Readonly<Record<string, number>> = {
  s: 1 / 3600,
  second: 1 / 3600,
  seconds: 1 / 3600,
  min: 1 / 60,
  minute: 1 / 60,
  minutes: 1 / 60,
  h: 1,
  hour: 1,
  hours: 1,
  d: 24,
  day: 24,
  days: 24,
  w: 168,
  week: 168,
  weeks: 168,
  y: 8766,
  yr: 8766,
  year: 8766,
  years: 8766,
};
const FRESHNESS_UNITS = Object.keys(FRESHNESS_HOURS);

const serviceLevelSchema = z
  .strictObject({
    id: text,
    property: z.enum([
      'freshness',
      'latency',
      'availability',
      'throughput',
      'errorRate',
      'generalAvailability',
      'endOfSupport',
      'endOfLife',
      'retention',
      'frequency',
      'timeOfAvailability',
      'timeToDetect',
      'timeToNotify',
      'timeToRepair',
    ]),
    value: literal,
    valueExt: described,
    unit: text,
    element: text,
    driver: described,
    description: described,
    scheduler: described,
    schedule: described,
  })
  .superRefine((promise, context) => {
    if (promise.property !== 'freshness') return;
    if (typeof promise.value !== 'number' || !(promise.value > 0)) {
      context.addIssue({ code: 'custom', path: ['value'], message: 'freshness is a number above 0' });
    }
    if (promise.unit !== undefined && FRESHNESS_UNITS.includes(promise.unit)) return;
    context.addIssue({ code: 'invalid_value', path: ['unit'], values: FRESHNESS_UNITS, input: promise.unit });
  });

export const contractSchema = z.strictObject({
  apiVersion: z.string().regex(/^v3\.[0-2]\.\d+$/, 'only v3.0, v3.1 and v3.2 of the standard are read'),
  kind: z.literal('DataContract'),
  id: z.string(),
  version: z.string(),
  status: z.string(),
  name: text,
  schema: z.array(objectSchema).min(1),
  slaProperties: z.array(serviceLevelSchema).optional(),
  slaDefaultElement: text,
  tenant: described,
  tags: described,
  servers: described,
  dataProduct: described,
  description: described,
  domain: described,
  support: described,
  price: described,
  team: described,
  roles: described,
  authoritativeDefinitions: described,
  customProperties: described,
  contractCreatedTs: described,
});
export type Contract = z.infer<typeof contractSchema>;
