/** What a job reads from S3 and leaves there: sent before it, and fetched after it. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type ObjectStore, openObjectStore } from '../../../../shared/aws/object-store.ts';
import { parseS3Uri } from '../../../../shared/aws/s3-uri.ts';
import { UserError } from '../../../../shared/errors.ts';
import { hashFile } from '../../../../shared/models/files.ts';
import { sha256 } from '../../../../shared/records/canonical-json.ts';
import type { TrainingWork } from '../backend.ts';
import { jobFiles } from './job-files.ts';
import { digestOf, type JobPlaces } from './training-request.ts';
import { unpackArchive } from './unpack.ts';

export class JobObjects {
  readonly #around: { env: NodeJS.ProcessEnv; log: (message: string) => void };

  constructor(around: { env: NodeJS.ProcessEnv; log: (message: string) => void }) {
    this.#around = around;
  }

  /** Source, data and what was asked for; what is there already is not sent again. @param artifacts `s3://…` */
  async sendFiles(
    work: TrainingWork,
    job: string,
    archive: { path: string; digest: string },
    artifacts: string,
  ): Promise<Omit<JobPlaces, 'checkpoints'>> {
    const store = await openObjectStore(artifacts, { env: this.#around.env });
    const names = channelNames(work.data.map(({ path }) => path));
    const data = work.data.map(({ path, sha256: digest }, index) => ({ name: names[index]!, path, digest }));
    const texts = Object.entries(jobFiles(work, names)).map(([name, text]) => ({ name, text }));
    const dataPlace = `data/${digestOf(data.map(({ name, digest }) => [name, digest]))}`;
    return {
      data: data.length === 0 ? undefined : await this.#send(store, dataPlace, data),
      source: await this.#send(store, `source/${digestOf(archive.digest)}`, [
        { name: 'source.tar.gz', path: archive.path },
      ]),
      job: await this.#send(store, `jobs/${job}`, texts),
      results: store.uriOf('results'),
    };
  }

  /** An address as a store and a key in it. @throws UserError, which says `otherwise`, for one that is none of S3. */
  async at(uri: string, otherwise: string): Promise<{ store: ObjectStore; key: string }> {
    if (!uri.startsWith('s3://')) throw new UserError(`${otherwise}.`, { where: { key: 'job' } });
    const { bucket, prefix } = parseS3Uri(uri);
    return { store: await openObjectStore({ bucket, prefix: '' }, { env: this.#around.env }), key: prefix };
  }

  /** @throws UserError where it is gone, unless it may be missing; and for an archive that is damaged or holds links. */
  async unpack(uri: string, folder: string, mayBeMissing = false): Promise<void> {
    const { store, key } = await this.at(uri, 'The result of the job has no address in S3');
    const stream = await store.open(key);
    if (stream) return unpackArchive(stream, folder, uri);
    if (!mayBeMissing) throw new UserError(`${uri} is gone.`, { fix: 'Check what removes objects there.' });
  }

  /** @returns where the files lie. */
  async #send(
    store: ObjectStore,
    place: string,
    files: readonly ({ name: string } & ({ text: string } | { path: string; digest?: string }))[],
  ): Promise<string> {
    for (const file of files) {
      const key = `${place}/${file.name}`;
      if ('text' in file) {
        const bytes = new TextEncoder().encode(file.text);
        await store.put(key, { bytes, size: bytes.length, digest: sha256(bytes) });
        continue;
      }
      const { size } = await stat(file.path);
      const digest = file.digest === undefined ? (await hashFile(file.path)).digest : `sha256:${file.digest}`;
      const { sent } = await store.put(key, { path: file.path, size, digest });
      if (sent) this.#around.log(`Sent ${file.name} (${size} bytes) to ${store.uriOf(key)}`);
    }
    return `${store.uriOf(place)}/`;
  }
}

/** Names in a channel: files of the same name from different folders get a number in front. */
function channelNames(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path, index) => {
    const name = taken.has(basename(path)) ? `${index + 1}-${basename(path)}` : basename(path);
    taken.add(name);
    return name;
  });
}
