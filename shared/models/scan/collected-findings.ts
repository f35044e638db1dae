import type { ModelScanResult, ScanFinding } from '../../records/model-scan.ts';
import type { AllowList } from './allow.ts';
import type { Found, Place } from './finding.ts';
import { RULES } from './rules.ts';

/** So many findings are kept of each level; those beyond are only counted. */
const MOST_KEPT = 1_000;
/** So many wait for scan-allow in one file; no model imports so much, and what is beyond is not allowed. */
const MOST_PENDING = 100_000;
const LEVELS = ['error', 'warning', 'note'] as const;

/** The findings of a model as they come up. */
export class CollectedFindings {
  readonly #counts: ModelScanResult['counts'] = { error: 0, warning: 0, note: 0 };
  readonly #kept = new Map<ScanFinding['level'], ScanFinding[]>(LEVELS.map((level) => [level, []]));
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

  /** Those that nobody allowed first, and of them the gravest. */
  result(): Pick<ModelScanResult, 'counts' | 'findings'> {
    const all = LEVELS.flatMap((level) => this.#kept.get(level) ?? []);
    const [open, allowed] = [
      all.filter((one) => one.allowed === null),
      all.filter((one) => one.allowed !== null),
    ];
    return { counts: this.#counts, findings: [...open, ...allowed].slice(0, MOST_KEPT) };
  }

  #keep(place: Place, { rule, offset, what }: Found, allowed: string | null): void {
    const { level } = RULES[rule];
    const kept = this.#kept.get(level) ?? [];
    if (kept.length >= MOST_KEPT) return;
    kept.push({ rule, level, file: place.file, members: [...place.members], offset, what, allowed });
  }
}
