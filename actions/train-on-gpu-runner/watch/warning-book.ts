import type { TrainingWarning } from '../../../shared/records/training-run.ts';

type Kind = TrainingWarning['kind'];

/** The same warning a fourth time tells nobody anything new. */
const MOST_OF_A_KIND = 3;

/** Says each warning when its condition begins, and again only after the condition had clearly ended. */
export class WarningBook {
  readonly #onWarning: (warning: TrainingWarning) => void;
  readonly #open = new Set<Kind>();
  readonly #warnings: TrainingWarning[] = [];

  constructor(onWarning: (warning: TrainingWarning) => void) {
    this.#onWarning = onWarning;
  }

  /** @param state `clear` is further from the limit than merely below it; undefined changes nothing. */
  note(kind: Kind, state: { message: string } | 'clear' | undefined, atSeconds: number): void {
    if (state === undefined) return;
    if (state === 'clear') {
      this.#open.delete(kind);
      return;
    }
    if (this.#open.has(kind)) return;
    this.#open.add(kind);
    if (this.#warnings.filter((warning) => warning.kind === kind).length >= MOST_OF_A_KIND) return;
    const warning = { kind, message: state.message, atSeconds: Math.max(0, atSeconds) };
    this.#warnings.push(warning);
    this.#onWarning(warning);
  }

  all(): TrainingWarning[] {
    return [...this.#warnings];
  }
}
