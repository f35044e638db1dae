/** What is told of a scan from outside, which guides where coverage does not. */
import { skeleton } from './faults.ts';
import type { Outcome } from './look.ts';

const MOST_FEATURES = 20_000;
const power = (count: number): number => Math.ceil(Math.log2(count + 1));

export class Features {
  readonly #known = new Set<string>();

  /** Whether an outcome has what none before had: a format, a rule, a reason why it is unreadable, or far more of them. */
  areNew({ formats, findings }: Outcome): boolean {
    const before = this.#known.size;
    if (before >= MOST_FEATURES) return false;
    for (const format of formats) this.#known.add(format);
    this.#known.add(`formats: ${power(formats.length)}`);
    this.#known.add(`findings: ${power(findings.length)}`);
    for (const { rule, what, members } of findings)
      this.#known.add(
        `${rule} ${Math.min(members.length, 4)} ${rule === 'unreadable' ? skeleton(what) : ''}`,
      );
    return this.#known.size > before;
  }
}
