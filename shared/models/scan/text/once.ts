import type { Found, Report } from '../finding.ts';
import { copied } from './replace-each.ts';

/** Of one rule in one stream, more are not told: many harmless ones must not hide another. */
const MOST_OF_A_RULE = 1_000;

/** Tells what is found only once where parts overlap, and no more of a rule than anybody reads. */
export function reportOnce(report: Report): Report {
  const told = new Set<string>();
  const counts = new Map<string, number>();
  return (found: Found) => {
    const key = `${found.rule} ${found.offset} ${found.what}`;
    const before = counts.get(found.rule) ?? 0;
    if (before >= MOST_OF_A_RULE || told.has(key)) return;
    counts.set(found.rule, before + 1);
    told.add(key);
    report({ ...found, what: copied(found.what), ...(found.name && { name: copied(found.name) }) });
  };
}
