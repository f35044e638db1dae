import { expect, test } from 'vitest';
import { requestSigner } from './request-signer.ts';

const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const ENV = { ...KEYS, AWS_SESSION_TOKEN: 'a+token/of==', AWS_REGION: 'eu-central-1' };
const NOW = () => new Date('2026-01-02T03:04:05Z');
const API = 'https://abc.execute-api.eu-central-1.amazonaws.com/prod/api/2.0/mlflow';

// The signatures are botocore's (1.43.11): SigV4Auth(…, 'execute-api', 'eu-central-1') at that time.
test.each([
  [
    'GET',
    '/model-versions/search?filter=name%20%3D%20%27a%2Ab~c%27',
    undefined,
    '89a8dd2ad9761943df469a991f5d3addc914fe4f1e2d65a3df242708132545e8',
  ],
  [
    'PUT',
    '-artifacts/artifacts/1/%C3%BCn%25%20a%2Bb.json',
    ['wei', 'ghts'],
    '665ffd7e72a752cb2fcafe907f8e6bed2343169ca70913c643e22d040f374699',
  ],
])('signs a %s as botocore does', async (method, path, parts, signature) => {
  const sign = requestSigner('execute-api', { env: ENV }, NOW);
  const headers = await sign({
    method,
    url: new URL(`${API}${path}`),
    headers: { 'content-type': 'application/json' },
    body: parts?.map((part) => Buffer.from(part)),
  });
  expect(headers).toMatchObject({ 'x-amz-date': '20260102T030405Z', 'x-amz-security-token': 'a+token/of==' });
  expect(headers.authorization?.split('Signature=')[1]).toBe(signature);
});

test('says that there is no region or no account', async () => {
  const request = { method: 'GET', url: new URL(API), headers: {} };
  // Neither files nor the machine's own role answer in place of what is missing.
  const nothing = {
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, nothing);
  try {
    await expect(requestSigner('execute-api', { env: KEYS })(request)).rejects.toThrow(
      'No AWS region is set',
    );
    await expect(requestSigner('execute-api', { env: { AWS_REGION: 'x' } })(request)).rejects.toThrow(
      'There are no AWS credentials to sign a request to https://abc.execute-api',
    );
  } finally {
    for (const name of Object.keys(nothing)) delete process.env[name];
    Object.assign(process.env, before);
  }
});
