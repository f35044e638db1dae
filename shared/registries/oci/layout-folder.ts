import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeAbandoned } from '../../concurrency/process-identity.ts';
import { UserError } from '../../errors.ts';
import { PARTIAL_STEM, writeDurably } from '../durable.ts';

const LAYOUT_VERSION = '1.0.0';
const REFUSALS = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST']);
const OWN_ENTRIES = new Set(['oci-layout', 'index.json', 'blobs']);

/** The folder of an image layout: what makes it one, and what the system's refusals mean for it. */
export class LayoutFolder {
  readonly path: string;
  #isPrepared = false;

  constructor(path: string) {
    this.path = path;
  }

  /** Where files lie until they are whole. */
  get temporary(): string {
    return join(this.path, '.partial');
  }

  blob(digest: string): string {
    return join(this.path, 'blobs', 'sha256', digest.slice('sha256:'.length));
  }

  /** Runs what writes into the folder, which becomes a layout first; what the system refuses is told as what it means. */
  async write<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      await this.#prepare();
      return await work();
    } catch (cause) {
      const { code = '', message } = cause as NodeJS.ErrnoException;
      if (!REFUSALS.has(code)) throw cause;
      throw new UserError(`The registry folder ${this.path} cannot be written: ${message}.`, {
        where: { file: this.path, key: 'registry' },
        fix: 'Give a folder that this account may write to and that has room left.',
        cause,
      });
    }
  }

  /** Makes the folder a layout (it may be new) and clears away what killed processes left. */
  async #prepare(): Promise<void> {
    if (this.#isPrepared) return;
    await mkdir(this.path, { recursive: true });
    await this.#check();
    const marker = new TextEncoder().encode(JSON.stringify({ imageLayoutVersion: LAYOUT_VERSION }));
    const markerPath = join(this.path, 'oci-layout');
    if (!(await stat(markerPath).catch(() => undefined))) {
      await writeDurably(markerPath, this.temporary, marker);
    }
    removeAbandoned(this.temporary, PARTIAL_STEM);
    this.#isPrepared = true;
  }

  async #check(): Promise<void> {
    const names = (await readdir(this.path)).filter((name) => !name.startsWith('.'));
    if (!names.includes('oci-layout')) {
      const foreign = names.find((name) => !OWN_ENTRIES.has(name));
      if (foreign === undefined) return;
      throw new UserError(`${this.path} is no registry: it holds ${foreign} and no oci-layout file.`, {
        where: { file: this.path },
        fix: 'Give a folder of its own to the registry, e.g. oci-layout:mlops-registry.',
      });
    }
    const marker = await readFile(join(this.path, 'oci-layout'), 'utf8');
    if (!marker.includes(`"${LAYOUT_VERSION}"`)) {
      throw new UserError(`${this.path} is an image layout of an unknown version.`, {
        where: { file: join(this.path, 'oci-layout') },
        fix: `This version reads image layout ${LAYOUT_VERSION}.`,
      });
    }
  }
}
