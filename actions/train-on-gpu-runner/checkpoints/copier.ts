import { join } from 'node:path';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import { isOwnName } from './folder-note.ts';
import { type Patience, reasonToWait } from './readiness.ts';
import { type Scan, scanFolder, signatureOf } from './scan.ts';
import { type KnownDigests, readSnapshot } from './snapshot.ts';
import type { CheckpointStore, SnapshotFile } from './store.ts';
import { type CheckpointMoment, HISTORY, momentOf } from './travelling-history.ts';

export interface CopierOptions extends Patience {
  folder: string;
  store: Pick<CheckpointStore, 'publish'>;
  /** Milliseconds between the beginnings of two copies while the program runs. */
  everyMs: number;
  /** Milliseconds on a clock that nobody sets. It stands still while the program does. */
  now: () => number;
  /** The file of metrics that goes along with the checkpoint of this moment. */
  history?: ((moment: CheckpointMoment) => Promise<Uint8Array | undefined>) | undefined;
}

export interface LookOptions {
  /** How the program ended, and when on the same clock; undefined while it runs. */
  end?: { how: 'by-itself' | 'killed'; at: number } | undefined;
  /** However short ago the last copy was made. */
  isUrgent?: boolean;
  /** The program stands still. */
  isHeld?: boolean;
}

export type Look =
  | { state: 'copied'; step: number | null; files: number; problem: string | undefined }
  /** All that is there is in the store. */
  | { state: 'nothing-new'; step: number | null }
  /** A copy was made a short while ago. */
  | { state: 'too-soon' }
  /** What is there is no complete checkpoint, as far as one can tell. */
  | { state: 'not-complete'; reason: string }
  | { state: 'superseded' };

/** Looks at the checkpoint folder again and again, and copies what is complete there. One look at a time. */
export class Copier {
  readonly #options: CopierOptions;
  readonly #known: KnownDigests = new Map();
  readonly #stop = new AbortController();
  #kept = new Map<string, string>();
  #seen = '';
  #changedAt = 0;
  #copiedAt = Number.NEGATIVE_INFINITY;
  #step: number | null = null;
  #leftOut: string[] = [];

  constructor(options: CopierOptions) {
    this.#options = options;
    this.#changedAt = options.now();
  }

  /** Of what is in the folder: what cannot be kept. */
  get leftOut(): readonly string[] {
    return this.#leftOut;
  }

  /** What lies in the folder now came from the store. */
  async isAsStored(step: number | null): Promise<void> {
    this.#keep(await this.#scan(), step);
  }

  /** Whether there is a new checkpoint that is complete if nothing is written from now on. */
  async peek(): Promise<'ready' | Extract<Look, { state: 'nothing-new' | 'not-complete' }>> {
    const scan = await this.#scan();
    // Old checkpoints that are removed are nothing to hold a program for.
    if (scan.files.every(({ path, mark }) => this.#kept.get(path) === mark))
      return { state: 'nothing-new', step: this.#step };
    const reason = await this.#reasonToWait(scan, { isHeld: true });
    return reason === undefined ? 'ready' : { state: 'not-complete', reason };
  }

  /** Whether what is in the folder is not what was kept last. */
  async hasChanged(): Promise<boolean> {
    return signatureOf(await this.#scan()) !== this.#keptSignature();
  }

  /** @throws what the store throws; the next look tries again. */
  async look({ end, isUrgent = end !== undefined, isHeld }: LookOptions = {}): Promise<Look> {
    const { folder, store, everyMs, now, history } = this.#options;
    const scan = await this.#scan();
    if (scan.files.length === 0 || signatureOf(scan) === this.#keptSignature())
      return { state: 'nothing-new', step: this.#step };
    if (!isUrgent && now() - this.#copiedAt < everyMs) return { state: 'too-soon' };
    const reason = await this.#reasonToWait(scan, { end, ...(isHeld && { isHeld }) });
    if (reason) return { state: 'not-complete', reason };
    const begun = now();
    const files = await readSnapshot(folder, scan, this.#known, isOwnName, this.#stop.signal);
    if (!files) return { state: 'not-complete', reason: 'files changed while they were read' };
    const moment = await momentOf(folder, scan);
    const { step } = moment;
    this.#copiedAt = begun;
    const metrics = await history?.(moment);
    const published = await store.publish(metrics ? [...files, historyFile(folder, metrics)] : files, step);
    if (published.state === 'superseded') return published;
    this.#keep(scan, step);
    return { state: 'copied', step, files: files.length, problem: published.problem };
  }

  /** Ends the reading of files. */
  stop(): void {
    this.#stop.abort();
  }

  #reasonToWait(scan: Scan, { end, isHeld }: LookOptions): Promise<string | undefined> {
    const { folder, now } = this.#options;
    const moment = { folder, scan, kept: this.#kept, ended: end?.how, ...(isHeld && { isHeld }) };
    return reasonToWait({ ...moment, stillMs: (end?.at ?? now()) - this.#changedAt }, this.#options);
  }

  async #scan(): Promise<Scan> {
    const scan = await scanFolder(this.#options.folder, isOwnName);
    const seen = signatureOf(scan);
    if (seen !== this.#seen) this.#changedAt = this.#options.now();
    this.#seen = seen;
    this.#leftOut = scan.leftOut;
    return scan;
  }

  #keep({ files }: Scan, step: number | null): void {
    this.#kept = new Map(files.map(({ path, mark }) => [path, mark]));
    this.#step = step;
  }

  #keptSignature(): string {
    return JSON.stringify([...this.#kept]);
  }
}

function historyFile(folder: string, bytes: Uint8Array): SnapshotFile {
  const digest = sha256(bytes).slice('sha256:'.length);
  return { path: HISTORY, size: bytes.length, sha256: digest, location: join(folder, HISTORY), bytes };
}
