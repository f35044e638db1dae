import { UserError } from '../../shared/errors.ts';
import type { Given } from './inputs.ts';

/** An input that one operation cannot do without, though another can. @throws UserError when it is not given. */
export function requiredInput<Key extends 'model' | 'from' | 'to' | 'keep' | 'verificationKey'>(
  given: Given,
  key: Key,
  example: string,
): NonNullable<Given[Key]> {
  const value = given[key];
  if (value !== undefined) return value;
  const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UserError(`operation: ${given.operation} needs the input ${name}.`, {
    where: { key: name },
    fix: `Give e.g. ${name}: ${example}.`,
  });
}
