import type { LogicalType } from '../../../shared/records/contract.ts';
import type { Expectation } from './expectation.ts';

const TYPES: [RegExp, LogicalType][] = [
  [
    /^(u?int\d*|integer|bigint|smallint|tinyint|long|longtype|integertype|int_?\d*|number\(\d+,\s*0\))$/i,
    'integer',
  ],
  [/^(float\d*|double(_precision)?|doubletype|floattype|decimal.*|numeric.*|real|number)$/i, 'number'],
  [/^(str|string|object|varchar.*|text|char.*|stringtype)$/i, 'string'],
  [/^(bool|boolean|booleantype)$/i, 'boolean'],
  [/^(datetime.*|timestamp.*)$/i, 'timestamp'],
  [/^(date|datetype)$/i, 'date'],
];

/** The type of the standard that a name of Python, pandas, Spark or SQL stands for; undefined for others. */
export function logicalTypeOf(name: string): LogicalType | undefined {
  return TYPES.find(([pattern]) => pattern.test(name))?.[1];
}

/** A column of one of these types. @returns why it is not judged, where it is not. */
export function typed(
  draft: Expectation['draft'],
  column: string,
  names: string[],
  mostly: number,
  origin: Expectation['origin'],
): string | undefined {
  if (mostly < 1) return 'a type that most values have (mostly) is not judged; see the rule mixedTypes';
  const kinds = [...new Set(names.map(logicalTypeOf))];
  if (kinds.includes(undefined) || kinds.length === 0) return `the type ${names.join(', ')} has no like here`;
  const isNumber = kinds.every((kind) => kind === 'number' || kind === 'integer');
  if (kinds.length > 1 && !isNumber) return `one of several types (${kinds.join(', ')}) is not judged`;
  draft.type(column, kinds.length > 1 ? 'number' : kinds[0]!, `type ${names.join(', ')}`, origin);
}
