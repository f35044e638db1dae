/** What the safety scan found in the files of a model: whether loading them can run code that nobody meant to run. */
import * as z from 'zod';

const count = z.number().int().min(0);

export const scanFindingSchema = z.strictObject({
  /** Of `shared/models/scan/rules.ts`. */
  rule: z.string(),
  level: z.enum(['error', 'warning', 'note']),
  /** Relative to the model. */
  file: z.string(),
  /** Members of archives, the outermost first. */
  members: z.array(z.string()),
  /** In bytes, in the innermost stream; null where it has none. */
  offset: count.nullable(),
  what: z.string(),
  /** Why it was let through, where `scan-allow` names it; null otherwise. */
  allowed: z.string().nullable(),
});
export type ScanFinding = z.infer<typeof scanFindingSchema>;

export const modelScanSchema = z.strictObject({
  /** How many findings that are not allowed there are of each level. */
  counts: z.strictObject({ error: count, warning: count, note: count }),
  /** Files, and all streams in them. */
  files: count,
  streams: count,
  bytes: count,
  /** The formats that were found, and how often each. */
  formats: z.record(z.string(), count),
  /** At most 1,000, the gravest first. */
  findings: z.array(scanFindingSchema).max(1_000),
});
export type ModelScanResult = z.infer<typeof modelScanSchema>;

/** What becomes of a model in which something is found: refused, let through with a warning; `off`: nobody looked. */
export const SCAN_MODES = ['fail', 'warn', 'off'] as const;

export const appliedScanSchema = z.strictObject({
  mode: z.enum(SCAN_MODES),
  /** Null where the model was not scanned. */
  result: modelScanSchema.nullable(),
});
export type AppliedScan = z.infer<typeof appliedScanSchema>;

/** Whether a scan keeps the model from being stored or served: something grave was found that nobody allowed. */
export function scanRefuses({ mode, result }: AppliedScan): boolean {
  return mode === 'fail' && result !== null && result.counts.error > 0;
}

/** What a scan says of the model: `pass` also where nobody looked, since that is no finding. */
export function scanVerdict(scan: AppliedScan): 'pass' | 'warn' | 'fail' {
  if (scanRefuses(scan)) return 'fail';
  const { error, warning } = scan.result?.counts ?? { error: 0, warning: 0 };
  return error + warning > 0 ? 'warn' : 'pass';
}

/** A clause: `the safety scan found 2 things that can run code or cannot be looked into, the first in model.pkl: …`. */
export function describeScan({ result }: AppliedScan): string {
  if (result === null) return 'it was not scanned';
  const { error, warning } = result.counts;
  if (error + warning === 0) return 'the safety scan found nothing';
  const level = error > 0 ? 'error' : 'warning';
  const found = error > 0 ? error : warning;
  const what =
    error > 0
      ? 'that can run code when the model is loaded, or that cannot be looked into'
      : 'to be careful with';
  const first = result.findings.find((finding) => finding.level === level && finding.allowed === null);
  const place = first ? `: ${clip(first.what.replace(/\.$/, ''))} (${clip(placeOf(first))})` : '';
  return `the safety scan found ${found === 1 ? 'a thing' : `${found.toLocaleString('en-US')} things`} ${what}${place}${found > 1 ? ', …' : ''}`;
}

/** `model.pt › data.pkl`: the file, and the members in it. */
export function placeOf({ file, members }: Pick<ScanFinding, 'file' | 'members'>): string {
  return [file, ...members].join(' › ');
}

/** Names in an archive may have 64 KiB, and a reason is read in one line. */
const clip = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
