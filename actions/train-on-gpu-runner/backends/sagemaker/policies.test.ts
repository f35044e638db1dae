/** The policies that ship allow what training jobs ask of AWS, and nothing else. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { operationStage } from '../../fixtures/job-operations.ts';
import { JOB_INPUTS } from '../../fixtures/sagemaker-jobs.ts';
import { type Statement, shippedPolicy } from '../../fixtures/shipped-policy.ts';
import { cancel, collect, submit } from '../../operations/detached.ts';

const root = join(import.meta.dirname, '../../../..');
const { Statement: caller } = await shippedPolicy('training-jobs');
const { Statement: role } = await shippedPolicy('training-job-role');
const actionsOf = (statements: Statement[]) => statements.flatMap(({ Action }) => Action).sort();
const about = (action: string) => caller.filter(({ Action }) => [Action].flat().includes(action));

/** What a request to S3 is called in a policy, where it is not called the same. */
const S3_ACTIONS: Record<string, string> = {
  HeadObject: 'GetObject',
  CreateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  ListParts: 'ListMultipartUploadParts',
};
const actionOf = (service: string, operation: string) =>
  `${service}:${service === 's3' ? (S3_ACTIONS[operation] ?? operation) : operation}`;

const { stage, given, forJobs, deps } = operationStage();

async function submitted(command: string, content: string): Promise<{ job: string }> {
  const { path } = await stage.dataFile('rows.csv', content);
  const { outputs } = await submit(
    forJobs({ operation: 'submit', command, data: path, spot: 'true' }),
    deps(),
  );
  return { job: outputs?.job ?? '' };
}

/** The request that starts a job. */
function created(): Record<string, unknown> {
  const start = stage.fake.calls.find(({ operation }) => operation === 'CreateTrainingJob');
  return JSON.parse(start!.what) as Record<string, unknown>;
}

/** Names of the requests in a file of the code, as its policy calls them. */
async function written(service: string, path: string): Promise<string[]> {
  const code = await readFile(join(root, path), 'utf8');
  return [...code.matchAll(/new (?:sdk\.)?(\w+)Command\(/g)].map(([, name]) => actionOf(service, name!));
}

test('the caller is allowed exactly the calls that the code makes', async () => {
  const asked = { backend: 'sagemaker' };
  // Large enough to be sent in parts.
  const large = randomBytes(9 * 2 ** 20).toString('hex');
  const first = await submitted('echo it runs; wc -c < "$DATA" > "$MODEL_DIR/n"', large);
  await collect(given({ ...asked, operation: 'collect', ...first }), deps());
  const second = await submitted('sleep 600', large);
  await cancel(given({ ...asked, operation: 'cancel', ...second }), deps());
  const made = new Set(stage.fake.calls.map(({ service, operation }) => actionOf(service, operation)));
  // Role and tags come with the job, and AWS asks for a permission of its own for each.
  if (created().RoleArn) made.add('iam:PassRole');
  if (created().Tags) made.add('sagemaker:AddTags');
  // S3 says that an object is missing only to those who may list.
  made.add('s3:ListBucket');
  const uploads = await Promise.all(
    ['object-put', 'unfinished-uploads'].map((name) => written('s3', `shared/aws/${name}.ts`)),
  );
  for (const action of uploads.flat()) made.add(action);
  for (const action of await written('pricing', 'shared/aws/price-list-products.ts')) made.add(action);
  expect(actionsOf(caller)).toEqual([...made].sort());
  // Nothing of the service is written that was not played.
  const service = await readFile(join(import.meta.dirname, 'service.ts'), 'utf8');
  for (const [, name] of service.matchAll(/new (\w+)Command\(/g))
    expect([...made].map((action) => action.split(':')[1])).toContain(name);
  expect([...caller, ...role].every(({ Effect }) => Effect === 'Allow')).toBe(true);
});

test('the caller starts and stops only tagged jobs, tags them only then, and passes the role to SageMaker alone', async () => {
  await submitted('true', '1');
  const tags = (created().Tags as { Key: string; Value: string }[]).filter(({ Value }) => Value.length > 0);
  const held = { StringLike: { 'aws:RequestTag/mlops:name': '?*' } };
  expect(about('sagemaker:CreateTrainingJob').map(({ Condition }) => Condition)).toEqual([held]);
  expect(tags.map(({ Key }) => Key)).toContain('mlops:name');
  const stopped = { StringLike: { 'aws:ResourceTag/mlops:name': '?*' } };
  expect(about('sagemaker:StopTrainingJob').map(({ Condition }) => Condition)).toEqual([stopped]);
  const tagging = { StringEquals: { 'sagemaker:TaggingAction': 'CreateTrainingJob' } };
  expect(about('sagemaker:AddTags').map(({ Condition }) => Condition)).toEqual([tagging]);
  // A job that is not there has no tags: it is looked for before it is started.
  expect(about('sagemaker:DescribeTrainingJob').map(({ Condition }) => Condition)).toEqual([undefined]);
  const passed = { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } };
  expect(about('iam:PassRole').map(({ Condition }) => Condition)).toEqual([passed]);
  const anywhere = caller.filter(({ Resource }) => Resource === '*');
  expect(actionsOf(anywhere)).toEqual(['pricing:GetProducts']);
});

test('all that a job reads and writes lies where its role may, and where the caller may', async () => {
  await submitted('true', '1');
  const places = [...JSON.stringify(created()).matchAll(/s3:\/\/[^"]+/g)].map(([uri]) => uri);
  // Source, job, data, results and checkpoints.
  expect(places).toHaveLength(5);
  const { artifacts } = JOB_INPUTS;
  for (const statements of [role, caller]) {
    const objects = statements.filter(({ Action }) => [Action].flat().includes('s3:GetObject'));
    const allowed = objects.flatMap(({ Resource }) => Resource);
    expect(allowed).toEqual(['arn:aws:s3:::BUCKET/PREFIX/*']);
    const [beginning = ''] = allowed.map((arn) =>
      arn.replace('arn:aws:s3:::BUCKET/PREFIX', artifacts!).replace(/\*$/, ''),
    );
    for (const place of places) expect(place.startsWith(beginning), place).toBe(true);
  }
  const logs = (statements: Statement[]) =>
    statements.find(({ Action }) => [Action].flat().some((action) => action.startsWith('logs:')))?.Resource;
  expect(logs(role)).toEqual(logs(caller));
  const service = await readFile(join(import.meta.dirname, 'service.ts'), 'utf8');
  const [, group] = /LOG_GROUP = '([^']+)'/.exec(service)!;
  expect(logs(role)).toEqual([
    `arn:aws:logs:*:*:log-group:${group}`,
    `arn:aws:logs:*:*:log-group:${group}:*`,
  ]);
  const anywhere = role.filter(({ Resource }) => Resource === '*');
  expect(actionsOf(anywhere)).toEqual(['cloudwatch:PutMetricData', 'ecr:GetAuthorizationToken']);
});
