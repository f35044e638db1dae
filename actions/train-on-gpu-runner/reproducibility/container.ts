/**
 * The container in which this process runs. From inside, its image is known only where somebody tells: GitLab and
 * CodeBuild by variables, Amazon ECS by its metadata, Docker by its socket, which GitHub mounts into job containers.
 */
import { readFile } from 'node:fs/promises';
import type { Reproduction } from '../../../shared/records/training-run.ts';

type Container = NonNullable<Reproduction['container']>;

export interface ContainerOptions {
  /** Of Docker. */
  socket?: string;
  /** Says by its mounts which container this is. */
  mountInfo?: string;
}

const MILLISECONDS = 3_000;
const MOST_BYTES = 4_000_000;
const SOCKET = '/var/run/docker.sock';
const MOUNT_INFO = '/proc/self/mountinfo';

/** Null where this is no container, or nobody tells which. */
export async function findContainer(
  env: NodeJS.ProcessEnv,
  options: ContainerOptions = {},
): Promise<Container | null> {
  const named = env.CI_JOB_IMAGE || env.CODEBUILD_BUILD_IMAGE;
  if (named) return withDigest(named, []);
  if (env.ECS_CONTAINER_METADATA_URI_V4) return askEcs(env.ECS_CONTAINER_METADATA_URI_V4);
  const id = await containerId(options.mountInfo ?? MOUNT_INFO);
  return id === undefined ? null : askDocker(id, options.socket ?? SOCKET);
}

/** Docker mounts /etc/hostname and its like from `…/containers/<id>/…`, of which the name space of cgroups hides nothing. */
async function containerId(mountInfo: string): Promise<string | undefined> {
  const text = await readFile(mountInfo, 'utf8').catch(() => '');
  return /\/containers\/([0-9a-f]{64})\//.exec(text)?.[1];
}

async function askEcs(address: string): Promise<Container | null> {
  const answer = await getJson(new URL(address), undefined);
  const image = textOf(answer, 'Image');
  // ECS's ImageID is the digest of the manifest that was pulled.
  return image === undefined ? null : withDigest(image, [`@${textOf(answer, 'ImageID') ?? ''}`]);
}

async function askDocker(id: string, socket: string): Promise<Container | null> {
  const container = await getJson(new URL(`http://docker/containers/${id}/json`), socket);
  const image = textOf((container as { Config?: unknown } | undefined)?.Config, 'Image');
  if (image === undefined) return null;
  const details = await getJson(
    new URL(`http://docker/images/${textOf(container, 'Image') ?? image}/json`),
    socket,
  );
  const digests = (details as { RepoDigests?: unknown } | undefined)?.RepoDigests;
  return withDigest(image, Array.isArray(digests) ? digests.map(String) : []);
}

function withDigest(image: string, candidates: readonly string[]): Container {
  for (const text of [image, ...candidates]) {
    const [, digest] = /@(sha256:[0-9a-f]{64})$/.exec(text) ?? [];
    if (digest) return { image, digest };
  }
  return { image, digest: null };
}

function textOf(value: unknown, key: string): string | undefined {
  const found =
    value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[key] : undefined;
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** Undefined for whatever is no JSON with status 200 in time. */
async function getJson(url: URL, socketPath: string | undefined): Promise<unknown> {
  const { get } = await import('node:http');
  return new Promise((resolve) => {
    const give = () => resolve(undefined);
    const signal = AbortSignal.timeout(MILLISECONDS);
    const request = get(url, { ...(socketPath && { socketPath }), signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > MOST_BYTES) response.destroy();
      });
      response.on('error', give);
      response.on('close', () => {
        try {
          resolve(response.statusCode === 200 ? JSON.parse(text) : undefined);
        } catch {
          give();
        }
      });
    });
    request.on('error', give);
  });
}
