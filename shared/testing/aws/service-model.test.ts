import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { startFakeAws } from '../../../action-test/sagemaker/fake.ts';
import { startS3Server } from './s3-server.ts';
import { readServiceModel, violations } from './service-model.ts';

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
