import type { ModelScanResult, ScanFinding } from '../../records/model-scan.ts';
import type { AllowList } from './allow.ts';
import type { Found, Place } from './finding.ts';
import { RULES } from './rules.ts';

/** So many findings are in the result; those beyond are only counted. */
const MOST_TOLD = 1_000;
/** So many of each level are kept until it is known which are told. */
const MOST_KEPT = 10_000;
/** So many of one rule in one file: a thousand of one archive must not hide the one of another file. */
const MOST_OF_A_KIND = 50;
/** So many wait for scan-allow in one file; no model imports so much, and what is beyond is not allowed. */
const MOST_PENDING = 100_000;
const LEVELS = ['error', 'warning', 'note'] as const;

interface RankedFinding {
  finding: ScanFinding;
  /** How many of its rule came before it in its file. */
  rank: number;
}

/** The findings of a model as they come up. */
export class CollectedFindings {
  readonly #counts: ModelScanResult['counts'] = { error: 0, warning: 0, note: 0 };
  readonly #kept = new Map<ScanFinding['level'], RankedFinding[]>(LEVELS.map((level) => [level, []]));
  /** How many there were of each rule in each file. */
  readonly #ofAKind = new Map<string, number>();
  #pending: { place: Place; found: Found }[] = [];

  add(place: Place, found: Found): void {
    const { level } = RULES[found.rule];
    if (found.name !== undefined && this.#pending.length < MOST_PENDING) {
      this.#pending.push({ place, found });
      return;
    }
    this.#counts[level] += 1;
    this.#keep(place, found, null);
  }

  /** Asks for those of a file that can be allowed. @param digest the sha256 of that file. */
  async settle(allow: AllowList, digest: () => Promise<string>): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (const { place, found } of pending) {
      const allowed = await allow.permit(found.name, digest);
      if (allowed === null) this.#counts[RULES[found.rule].level] += 1;
      this.#keep(place, found, allowed);
    }
  }

  /** Those that nobody allowed first, of them the gravest, and of these the first of each rule in each file. */
  result(): Pick<ModelScanResult, 'counts' | 'findings'> {
    const all = LEVELS.flatMap((level) =>
      (this.#kept.get(level) ?? []).toSorted((a, b) => a.rank - b.rank).map(({ finding }) => finding),
    );
    const [open, allowed] = [
      all.filter((one) => one.allowed === null),
      all.filter((one) => one.allowed !== null),
    ];
    return { counts: this.#counts, findings: [...open, ...allowed].slice(0, MOST_TOLD) };
  }

  #keep(place: Place, { rule, offset, what }: Found, allowed: string | null): void {
    const { level } = RULES[rule];
    const kept = this.#kept.get(level) ?? [];
    const kind = `${rule} ${allowed === null} ${place.file}`;
    const rank = this.#ofAKind.get(kind) ?? 0;
    this.#ofAKind.set(kind, rank + 1);
    if (rank >= MOST_OF_A_KIND || kept.length >= MOST_KEPT) return;
    const finding = { rule, level, file: place.file, members: [...place.members], offset, what, allowed };
    kept.push({ finding, rank });
  }
}
