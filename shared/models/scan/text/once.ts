import type { Found, Report } from '../finding.ts';

/** Of one stream, more are not told. */
const MOST_FOUND = 200;

/** Tells what is found only once where parts overlap, and no more than a person reads. */
export function reportOnce(report: Report): Report {
  const told = new Set<string>();
  return (found: Found) => {
    const key = `${found.rule} ${found.offset} ${found.what}`;
    if (told.size >= MOST_FOUND || told.has(key)) return;
    told.add(key);
    report(found);
  };
}
