import { isOwnName } from './folder-note.ts';
import { type Patience, reasonToWait } from './readiness.ts';
import { type Scan, scanFolder, signatureOf } from './scan.ts';
import { type KnownDigests, readSnapshot } from './snapshot.ts';
import type { CheckpointStore } from './store.ts';
import { stepOf } from './training-step.ts';

export interface CopierOptions extends Patience {
  folder: string;
  store: Pick<CheckpointStore, 'publish'>;
  /** Milliseconds between the beginnings of two copies while the program runs. */
  everyMs: number;
  /** Milliseconds on a clock that nobody sets. */
  now: () => number;
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

  /**
   * @param end how the program ended, and when on the same clock; undefined while it runs.
   * @param isUrgent however short ago the last copy was made.
   * @throws what the store throws; the next look tries again.
   */
  async look(
    end?: { how: 'by-itself' | 'killed'; at: number },
    isUrgent: boolean = end !== undefined,
  ): Promise<Look> {
    const { folder, store, everyMs, now } = this.#options;
    const scan = await this.#scan();
    if (scan.files.length === 0 || signatureOf(scan) === this.#keptSignature())
      return { state: 'nothing-new', step: this.#step };
    if (!isUrgent && now() - this.#copiedAt < everyMs) return { state: 'too-soon' };
    const moment = { folder, scan, kept: this.#kept, ended: end?.how };
    const reason = await reasonToWait(
      { ...moment, stillMs: (end?.at ?? now()) - this.#changedAt },
      this.#options,
    );
    if (reason) return { state: 'not-complete', reason };
    const begun = now();
    const files = await readSnapshot(folder, scan, this.#known, isOwnName, this.#stop.signal);
    if (!files) return { state: 'not-complete', reason: 'files changed while they were read' };
    const paths = scan.files.map(({ path }) => path);
    const step = await stepOf(folder, paths);
    this.#copiedAt = begun;
    const published = await store.publish(files, step);
    if (published.state === 'superseded') return published;
    this.#keep(scan, step);
    return { state: 'copied', step, files: files.length, problem: published.problem };
  }

  /** Ends the reading of files. */
  stop(): void {
    this.#stop.abort();
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
