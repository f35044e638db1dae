import { expect, test } from 'vitest';
import { secretMask } from './secrets.ts';

test('masks values of variables that are named like secrets, the longest first', () => {
  const mask = secretMask(
    {
      API_KEY: 'abcdef',
      GITHUB_TOKEN: 'abcdef-long',
      KEYBOARD: 'qwertz',
      DB_PASSWORD: 'short',
      'INPUT_GITHUB-TOKEN': 'ghs_12345',
    },
    ['extra-secret', undefined],
  );
  expect(mask('abcdef-long abcdef qwertz short ghs_12345 extra-secret')).toBe('*** *** qwertz short *** ***');
});

test('masks each line of a key of several lines', () => {
  const mask = secretMask({ DEPLOY_PRIVATE_KEY: '-----BEGIN KEY-----\nMIIEvQIBADAN\n-----END KEY-----' });
  expect(mask('read MIIEvQIBADAN')).toBe('read ***');
});
