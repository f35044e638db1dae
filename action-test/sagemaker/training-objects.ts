/** The files of a training job: from S3 onto its machine, and back. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { S3World } from '../../shared/testing/aws/s3-state.ts';
import { fieldsOf, type TrainingJob } from './training-shapes.ts';

const placeOf = (uri: string): string => uri.replace(/^s3:\/\//, '');

/** The names in the state of S3 that begin as the URI does, with what comes after it. */
export function objectsUnder(uri: string, s3: S3World): { name: string; rest: string }[] {
  const start = placeOf(uri);
  const found = [...s3.state.objects.keys()].filter((name) => name.startsWith(start));
  return found.map((name) => ({ name, rest: name.slice(start.length).replace(/^\/+/, '') }));
}

function download(uri: string, folder: string, s3: S3World): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, rest } of objectsUnder(uri, s3)) {
    const path = join(folder, rest === '' ? name.slice(name.lastIndexOf('/') + 1) : rest);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, s3.state.objects.get(name)!.bytes);
  }
}

export function upload(name: string, bytes: Buffer, s3: S3World): void {
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  if (s3.state.objects.get(name)?.etag === etag) return;
  const contentType = 'application/octet-stream';
  s3.state.objects.set(name, { bytes, etag, metadata: {}, contentType, lastModified: s3.now() });
}

/** Lays a folder out as SageMaker does /opt/ml: channels, configuration, and the checkpoints that are there already. */
export function layOut(
  { host, root }: { host: string; root: string },
  hosts: readonly string[],
  job: TrainingJob,
  s3: S3World,
): void {
  const { InputDataConfig = [], HyperParameters = {}, CheckpointConfig } = fieldsOf(job);
  for (const folder of ['model', 'checkpoints', 'output/data', 'input/config', 'input/data', 'code'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const { ChannelName, DataSource } of InputDataConfig)
    download(DataSource.S3DataSource!.S3Uri, join(root, 'input/data', ChannelName), s3);
  const config = (name: string, content: unknown) =>
    writeFileSync(join(root, 'input/config', name), JSON.stringify(content));
  config('hyperparameters.json', HyperParameters);
  config('resourceconfig.json', {
    ...{ current_host: host, hosts, network_interface_name: 'eth0' },
    current_instance_type: fieldsOf(job).ResourceConfig.InstanceType,
  });
  const channel = {
    TrainingInputMode: 'File',
    S3DistributionType: 'FullyReplicated',
    RecordWrapperType: 'None',
  };
  config(
    'inputdataconfig.json',
    Object.fromEntries(InputDataConfig.map(({ ChannelName }) => [ChannelName, channel])),
  );
  if (CheckpointConfig) download(CheckpointConfig.S3Uri, checkpointFolder(root, job), s3);
}

const checkpointFolder = (root: string, job: TrainingJob): string =>
  (fieldsOf(job).CheckpointConfig?.LocalPath ?? '/opt/ml/checkpoints').replace(/^\/opt\/ml/, root);

/** Copies what the checkpoints' folder holds now; as SageMaker does, whole or not. */
export function copyCheckpoints(root: string, job: TrainingJob, s3: S3World): void {
  const { CheckpointConfig } = fieldsOf(job);
  if (!CheckpointConfig) return;
  const folder = checkpointFolder(root, job);
  for (const path of filesUnder(folder)) {
    const name = `${placeOf(CheckpointConfig.S3Uri).replace(/\/+$/, '')}/${path}`;
    try {
      upload(name, readFileSync(join(folder, path)), s3);
    } catch (error) {
      // The script has moved or removed it in the meantime.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function filesUnder(folder: string): string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile());
  } catch {
    return [];
  }
}

/** Where a job's archives come to lie, in the state of S3. */
export const outputPlace = (job: TrainingJob): string =>
  `${placeOf(fieldsOf(job).OutputDataConfig.S3OutputPath).replace(/\/+$/, '')}/${job.name}/output`;

/**
 * Packs what the folders of all instances hold to one archive under the job's output. Of files of one name the last is
 * taken: which one it is, the service does not say.
 */
export async function pack(
  folders: readonly string[],
  file: 'model.tar.gz' | 'output.tar.gz',
  job: TrainingJob,
  s3: S3World,
): Promise<void> {
  const files = folders.flatMap((folder) => {
    const names = readdirSync(folder);
    return names.length === 0 ? [] : ['-C', folder, ...names];
  });
  // tar refuses to make an empty archive.
  const words = ['-czf', '-', ...(files.length > 0 ? files : ['--files-from=/dev/null'])];
  const { stdout } = await promisify(execFile)('tar', words, { encoding: 'buffer', maxBuffer: 2 ** 30 });
  upload(`${outputPlace(job)}/${file}`, stdout, s3);
}
