import { holdGroup, type ProgramHold } from '../../../shared/programs/hold.ts';

/**
 * The most that a command stands still at a time. PyTorch gives up on a collective operation after ten minutes, and
 * its watch over NCCL on a process after eight.
 */
export const MOST_HELD_MS = 300_000;

export interface HeldCommandOptions {
  /** Told when it stands still, and when it goes on. */
  onChange: (isHeld: boolean) => void;
  mostMs?: number;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
  /** In place of signals, in tests. */
  holdGroup?: (group: number) => ProgramHold;
}

/** The training command, which stands still while a checkpoint is sent. Always for a bounded time. */
export class HeldCommand {
  readonly #options: HeldCommandOptions;
  readonly #now: () => number;
  #hold: ProgramHold | undefined;
  #isOver = false;
  #since: number | undefined;
  #passed = 0;
  #holding: Promise<boolean> = Promise.resolve(false);
  #limit: NodeJS.Timeout | undefined;

  constructor(options: HeldCommandOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Of the command: it begins. */
  begin(group: number): void {
    this.#hold = (this.#options.holdGroup ?? holdGroup)(group);
  }

  get isHeld(): boolean {
    return this.#since !== undefined;
  }

  /** It has ended or is to end. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** How long it stood still, in all. */
  get seconds(): number {
    return this.#heldMs() / 1000;
  }

  /** Milliseconds on a clock that stands still while the command does. */
  clock(): number {
    return this.#now() - this.#heldMs();
  }

  /**
   * @returns false when there is nothing to hold: the command has not begun, has ended, or is to end.
   * @throws Error when it cannot be held.
   */
  hold(): Promise<boolean> {
    if (this.isHeld) return this.#holding;
    this.#holding = this.#begin();
    return this.#holding;
  }

  async #begin(): Promise<boolean> {
    if (!this.#hold) return false;
    this.#since = this.#now();
    this.#options.onChange(true);
    this.#limit = setTimeout(() => this.release(), this.#options.mostMs ?? MOST_HELD_MS);
    let isThere = false;
    try {
      isThere = await this.#hold.hold();
    } finally {
      if (!isThere) this.release();
    }
    return isThere && this.isHeld;
  }

  release(): void {
    if (this.#since === undefined) return;
    clearTimeout(this.#limit);
    this.#hold?.release();
    this.#passed = this.#heldMs();
    this.#since = undefined;
    this.#options.onChange(false);
  }

  /** The command has ended or is to end: it goes on, and is not held again. */
  end(): void {
    this.release();
    this.#hold?.end();
    this.#hold = undefined;
    this.#isOver = true;
  }

  #heldMs(): number {
    return this.#passed + (this.#since === undefined ? 0 : this.#now() - this.#since);
  }
}
