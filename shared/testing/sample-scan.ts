/** A scan in which all was found that a report has to show, with the names that an attacker might write. */
import type { AppliedScan, ScanFinding } from '../records/model-scan.ts';

/** @param hostile what a member of an archive, and what it imports, is called. */
export function sampleScan(hostile = 'data.pkl', mode: AppliedScan['mode'] = 'fail'): AppliedScan {
  const finding = (parts: Partial<ScanFinding>): ScanFinding => ({
    rule: 'pickle-import',
    level: 'error',
    file: 'model.pt',
    members: ['archive', hostile],
    offset: 24,
    what: `${hostile} is imported and called.`,
    allowed: null,
    ...parts,
  });
  return {
    mode,
    result: {
      counts: { error: 2, warning: 0, note: 0 },
      files: 3,
      streams: 7,
      bytes: 1_840_000,
      formats: { zip: 1, pickle: 2 },
      findings: [
        finding({}),
        finding({ file: 'encoder.pkl', members: [], offset: 2, what: 'os.system is imported and called.' }),
        finding({ what: 'team.Encoder is imported.', allowed: 'our own encoder (until 2027-01-31)' }),
      ],
    },
  };
}
