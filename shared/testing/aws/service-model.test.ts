import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { startFakeAws } from '../../../action-test/sagemaker/fake.ts';
import { CborTimestamp, decodeCbor, encodeCbor } from './cbor.ts';
import { startS3Server } from './s3-server.ts';
import { type ModelledService, patternOf, readServiceModel, violations } from './service-model.ts';

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=AKIAFAKE/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0';

test('a value is held to required fields, names, patterns, lengths and words of the service', () => {
  const model = readServiceModel('sagemaker');
  const input = { ModelPackageGroupName: 'churn', ModelApprovalStatus: 'Approved', ClientToken: 'a-1' };
  expect(violations(model, 'CreateModelPackageInput', input)).toEqual([]);
  const wrong = { ...input, ClientToken: 'x'.repeat(37), ModelApprovalStatus: 'Yes', Digest: 'sha256:0' };
  expect(violations(model, 'CreateModelPackageInput', wrong)).toEqual([
    'ModelApprovalStatus: is Yes, not one of Approved, Rejected, PendingManualApproval',
    'ClientToken: has 37 characters, not 1 to 36',
    'Digest: is not in the service model',
  ]);
  expect(violations(model, 'ModelLifeCycle', { Stage: 'pre prod' })).toEqual([
    'StageStatus: is required',
    expect.stringContaining('Stage: "pre prod" is not of the pattern'),
  ]);
});

test("every pattern of every service can be held to, Java's classes and anchors too", () => {
  const services: ModelledService[] = [
    'application-autoscaling',
    'cloudwatch',
    's3',
    'sagemaker',
    'sagemaker-runtime',
  ];
  for (const service of services) {
    for (const { pattern } of Object.values(readServiceModel(service).shapes))
      if (pattern !== undefined) expect(() => patternOf(pattern), pattern).not.toThrow();
  }
  const model = readServiceModel('sagemaker-runtime');
  expect(violations(model, 'InferenceId', 'id 1')).toEqual([]);
  expect(violations(model, 'InferenceId', ' id')).toHaveLength(1);
});

test('CBOR comes back as it was, by size of number, text, list and map', () => {
  const sizes = [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
  const value = {
    numbers: [...sizes, ...sizes.map((size) => -size - 1).slice(0, -1), 0.1, -1e300],
    text: 'ü'.repeat(300),
    bytes: Buffer.from([0, 255]),
    list: Array.from({ length: 30 }, () => true),
    empty: {},
  };
  expect(decodeCbor(encodeCbor(value))).toEqual(value);
  expect(decodeCbor(encodeCbor({ at: new CborTimestamp(1.5), no: undefined }))).toEqual({ at: 1.5 });
  // Of indefinite length, as RFC 8949 writes them: {_ "a": [_ 1, "bc"], "f": half of 3}.
  expect(decodeCbor(Buffer.from('bf61619f017f61626163ffff6166fb3ff8000000000000ff', 'hex'))).toEqual({
    a: [1, 'bc'],
    f: 1.5,
  });
  expect(() => decodeCbor(Buffer.from('a16161', 'hex'))).toThrow('cut off');
  expect(() => decodeCbor(Buffer.from('0000', 'hex'))).toThrow('1 bytes follow');
});

test('S3 refuses a wrong checksum, a header that no operation has, and a request without a signature', async () => {
  const server = await startS3Server();
  const put = async (headers: Record<string, string>) => {
    const response = await fetch(`${server.url}/models/key`, { method: 'PUT', body: 'bytes', headers });
    return `${response.status} ${/<Code>(.*)<\/Code>/.exec(await response.text())?.[1] ?? ''}`;
  };
  const authorization = AUTHORIZATION;
  const right = createHash('sha256').update('bytes').digest('base64');
  const other = createHash('sha256').update('others').digest('base64');
  expect(await put({ authorization, 'x-amz-checksum-sha256': other })).toBe('400 BadDigest');
  expect(await put({ authorization, 'x-amz-no-such-thing': '1' })).toBe('400 InvalidRequest');
  expect(await put({ 'x-amz-checksum-sha256': right })).toBe('403 MissingAuthenticationToken');
  expect(server.objects.size).toBe(0);
  expect(await put({ authorization, 'x-amz-checksum-sha256': right })).toBe('200 ');
  await server.close();
});

test('SageMaker refuses what its model does not know, and makes a second package without a token', async () => {
  const fake = await startFakeAws();
  const ask = async (operation: string, input: object) => {
    const response = await fetch(fake.url, {
      method: 'POST',
      headers: { authorization: AUTHORIZATION, 'x-amz-target': `SageMaker.${operation}` },
      body: JSON.stringify(input),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  expect(await ask('CreateModelPackageGroup', { Name: 'churn' })).toMatchObject({
    __type: 'ValidationException',
  });
  const group = { ModelPackageGroupName: 'churn' };
  expect(await ask('CreateModelPackageGroup', group)).toHaveProperty('ModelPackageGroupArn');
  expect(await ask('CreateModelPackageGroup', group)).toMatchObject({
    message: expect.stringContaining('already exists'),
  });
  const input = { ...group, SourceUri: 's3://models/churn/' };
  for (const token of [undefined, undefined, 'once', 'once'])
    await ask('CreateModelPackage', { ...input, ...(token ? { ClientToken: token } : {}) });
  expect(fake.state.packages.size).toBe(3);
  const ModelPackageName = [...fake.state.packages.keys()][0];
  expect(await ask('DescribeModelPackage', { ModelPackageName })).toMatchObject({
    message: expect.stringContaining('does not exist'),
  });
  expect(await ask('DescribeModelPackage', { ModelPackageName })).toMatchObject({ ModelPackageVersion: 1 });
  await fake.close();
  expect(fake.mistakes).toEqual([]);
});
