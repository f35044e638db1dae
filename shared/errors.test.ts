import { expect, test } from 'vitest';
import { describeUserError, UserError } from './errors.ts';

test('no message and no place repeats the credentials of a URL', () => {
  const url = 'https://ann:s3cret@host:1/metrics.json';
  const error = new UserError(`There is no file ${url}, nor "oci://ann:p@ss@host/x".`, {
    where: { file: url },
  });
  expect(describeUserError(error)).toBe(
    'There is no file https://***@host:1/metrics.json, nor "oci://***@host/x".\nWhere: https://***@host:1/metrics.json',
  );
  const plain = 'runs on a@b//c and http://host/a@b';
  expect(new UserError(plain).message).toBe(plain);
});
