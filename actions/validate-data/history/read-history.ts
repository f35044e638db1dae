/** Reads profiles of earlier runs, and decides which of them count. */
import { sha256 } from '../../../shared/records/canonical-json.ts';
import type { DataProfile } from '../../../shared/records/data-profile.ts';
import { hasScheme } from '../../../shared/registries/model-uri.ts';
import type { RegistryOptions } from '../../../shared/registries/registry-interface.ts';
import type { FoundRun } from './found-run.ts';
import type { History } from './history.ts';
import { readHistoryFiles } from './history-files.ts';

/** What the earlier runs are compared with. */
export interface ThisRun {
  name: string;
  digest: string;
  columns: readonly { name: string }[];
  now: Date;
}

/**
 * Reads the profiles of earlier runs. One of the same bytes, and one of a table that has fewer than half of the data's
 * columns, does not count; neither does one whose data did not pass: what was wrong must not become the usual.
 * @param given folders, globs and files of DataProfile records, also as `s3://`, or registries with a model's name.
 * @throws UserError where a record is damaged or a store cannot be read.
 */
export async function readHistory(
  given: readonly string[],
  current: ThisRun,
  options: RegistryOptions,
): Promise<History> {
  const found: FoundRun[] = [];
  for (const source of given) {
    if (/^s3:/i.test(source))
      found.push(...(await (await import('./history-objects.ts')).readHistoryObjects(source, options)));
    else if (!hasScheme(source)) found.push(...(await readHistoryFiles(source)));
    else found.push(...(await (await import('./history-registry.ts')).readStoredProfiles(source, options)));
  }
  const { runs, leftOut } = countingRuns(found, current);
  const digest = sha256(runs.map((run) => run.digest).join('\n'));
  const input = { role: 'history', name: given.join(', '), digest };
  return { runs, leftOut, input, now: current.now };
}

/** Of runs over the same bytes the first tells when they came, and the last whether they passed. */
function countingRuns(found: readonly FoundRun[], current: ThisRun): Pick<History, 'runs' | 'leftOut'> {
  const sorted = found.toSorted((a, b) => (a.profile.createdAt < b.profile.createdAt ? -1 : 1));
  const byDigest = new Map<string, FoundRun>();
  let otherNames = 0;
  for (const { profile, verdict } of sorted) {
    const { digest } = profile.subject;
    if (profile.name !== current.name) otherNames++;
    else if (digest !== current.digest) {
      const first = byDigest.get(digest);
      byDigest.set(digest, { profile: first?.profile ?? profile, verdict: verdict ?? first?.verdict });
    }
  }
  const all = [...byDigest.values()];
  const passed = all.filter(
    ({ verdict }) => verdict === undefined || verdict === 'pass' || verdict === 'warn',
  );
  const alike = passed.filter(({ profile }) => isSameTable(profile, current));
  const reasons: [number, string][] = [
    [otherNames, 'of another name'],
    [all.length - passed.length, 'whose data did not pass'],
    [passed.length - alike.length, 'of another table'],
  ];
  return {
    runs: alike.map(({ profile }) => ({
      at: profile.createdAt,
      digest: profile.subject.digest,
      rowCount: profile.rowCount,
      columns: new Map(profile.columns.map((column) => [column.name, column])),
    })),
    leftOut: reasons.filter(([count]) => count > 0).map(([count, why]) => `${count} ${why}`),
  };
}

function isSameTable({ columns }: DataProfile, current: ThisRun): boolean {
  const names = new Set(columns.map(({ name }) => name));
  return 2 * current.columns.filter(({ name }) => names.has(name)).length >= current.columns.length;
}
