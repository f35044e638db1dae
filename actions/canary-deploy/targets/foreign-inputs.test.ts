import { expect, test } from 'vitest';
import * as z from 'zod';
import { UserError } from '../../../shared/errors.ts';
import { commonInputs, inputName, readInputs } from '../../../shared/runtime/inputs.ts';
import { inputs } from '../inputs.ts';
import { MEANS_SOMETHING_TO, refuseForeignInputs } from './foreign-inputs.ts';

const schema = z.strictObject({ ...commonInputs('fail'), ...inputs });

function refused(texts: Record<string, string>): unknown {
  const given = readInputs(schema, (name) => ({ name: 'churn', ...texts })[name]);
  try {
    refuseForeignInputs(given);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.where.key;
    throw error;
  }
}

/** A value of each input that is not its default. */
const VALUES: Record<string, string> = {
  operation: 'run',
  'traffic-rate': '7',
  port: '9000',
  'traffic-shifting': 'service',
  'instance-count': '2',
  scan: 'warn',
  'max-wait': '1h',
  'stale-after': '1h',
};

const keys = Object.keys(inputs).filter((key) => key !== 'target') as (keyof typeof inputs)[];

test.each(['local', 'haproxy', 'sagemaker', 'kubernetes'] as const)(
  '%s: an input that means nothing to it is refused by its name, and no other is',
  (target) => {
    for (const key of keys) {
      const name = inputName(key);
      const texts = { target, [name]: VALUES[name] ?? 'x', ...(key === 'trafficRate' && { traffic: 'x' }) };
      expect(refused(texts), name).toBe(MEANS_SOMETHING_TO[key].includes(target) ? undefined : name);
    }
  },
);

test('a default that was written out is no mistake, and a rate without requests is one', () => {
  expect(refused({ target: 'sagemaker', port: '8080', 'serving-dir': 'mlops-serving' })).toBeUndefined();
  expect(refused({ target: 'local', 'max-wait': '330m', 'traffic-rate': '50' })).toBeUndefined();
  expect(refused({ 'traffic-rate': '10' })).toBe('traffic-rate');
});

test('the port of a router is none of HAProxy', () => {
  expect(refused({ target: 'haproxy', port: '9000' })).toBe('port');
  expect(refused({ target: 'sagemaker', 'serving-dir': 'elsewhere' })).toBe('serving-dir');
});
