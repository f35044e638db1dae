/**
 * What a check must know of the checks before it, on a machine that has never seen them: the digests of the last ones,
 * and when a retrain was last started. It is hidden in the model's drift issue, and lies beside the records for
 * machines that stay.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { UserError } from '../../../shared/errors.ts';
import { hideJson, readHiddenJson } from '../../../shared/github/hidden-json.ts';
import type { DriftCheck } from '../../../shared/records/drift-check.ts';
import { nameSchema, VERDICTS } from '../../../shared/records/envelope.ts';
import { type RecordFolder, writeFileAtomically } from '../../../shared/records/folder.ts';
import { digestOf, KEPT_CHECKS, newestChecks } from '../../../shared/report/drift-history.ts';

const MARKER = 'mlops-actions:drift-memory';
const REQUEST_FILE = 'retrain-request.json';

/** Checks of which the reason and the run are kept, for the table. */
export const TOLD_CHECKS = 8;
const MOST_REASON = 200;

const address = z.string().max(500).nullable();

export const requestSchema = z.strictObject({
  at: z.iso.datetime(),
  /** The event, or the file name of the workflow. */
  to: z.string().max(200),
  /** Of the started run, where GitHub said so. */
  runUrl: address,
});
/** A retrain that was started. */
export type RetrainRequest = z.infer<typeof requestSchema>;

const checkSchema = z.strictObject({
  at: z.iso.datetime(),
  verdict: z.enum(VERDICTS),
  retrain: z.boolean(),
  reason: z.string().max(2 * MOST_REASON),
  runUrl: address,
  values: z.array(z.strictObject({ name: z.string().max(200), value: z.number() })).max(20),
  /** What became of the retrain that it asked for; null where none was asked for, or nothing was to be started. */
  start: z.enum(['started', 'held', 'failed']).nullable(),
});
export type RememberedCheck = z.infer<typeof checkSchema>;

const memorySchema = z.strictObject({
  version: z.literal(1),
  name: nameSchema,
  checks: z.array(checkSchema).max(2 * KEPT_CHECKS),
  request: requestSchema.nullable(),
});

export interface Memory {
  /** Oldest first. */
  checks: RememberedCheck[];
  request: RetrainRequest | null;
}

const NOTHING: Memory = { checks: [], request: null };
/** Clocks of two machines may differ so much; what lies further ahead was not written by a clock. */
const CLOCK_DIFFERENCE = 10 * 60_000;

export const isPast = ({ at }: { at: string }, now: Date): boolean =>
  Date.parse(at) <= now.getTime() + CLOCK_DIFFERENCE;

/**
 * The memory in an issue's body, which people with the right to edit it may have changed: what is damaged, of another
 * version or of another model counts as absent.
 * @param warn is told why, when there was something that could not be used.
 */
export function readMemory(
  body: string | undefined,
  { name, now, warn }: { name: string; now: Date; warn: (message: string) => void },
): Memory {
  if (!body?.includes(`<!-- ${MARKER} `)) return NOTHING;
  const parsed = memorySchema.safeParse(readHiddenJson(body, MARKER)[0]);
  const ignored = (why: string) => {
    warn(
      `What the drift issue remembers of earlier checks is not used: ${why}. The cool-down may start anew.`,
    );
    return NOTHING;
  };
  if (!parsed.success) return ignored('it is damaged, or was written by another version');
  if (parsed.data.name !== name) return ignored(`it is of the model ${parsed.data.name}`);
  const { checks, request } = parsed.data;
  const instants = [...checks, ...(request ? [request] : [])];
  if (!instants.every((instant) => isPast(instant, now))) return ignored('it speaks of the future');
  return { checks, request };
}

/** The memory as a line for an issue's body; at most about 20,000 characters. */
export function writeMemory(name: string, { checks, request }: Memory): string {
  const kept = newestChecks(checks);
  const short = kept.map((check, index) =>
    index < kept.length - TOLD_CHECKS ? { ...check, reason: '', runUrl: null } : check,
  );
  return hideJson(MARKER, { version: 1, name, checks: short, request } satisfies z.infer<
    typeof memorySchema
  >);
}

/** A check as it is remembered. */
export function remember(record: DriftCheck, start: RememberedCheck['start']): RememberedCheck {
  const { reason, runUrl, values, ...rest } = digestOf(record);
  return {
    ...rest,
    reason: reason.length > MOST_REASON ? `${reason.slice(0, MOST_REASON).toWellFormed()}…` : reason,
    runUrl: runUrl !== null && runUrl.length <= 500 ? runUrl : null,
    values: values.filter(({ name }) => name.length <= 200),
    start,
  };
}

export interface Recalled extends Memory {
  /** Whether anything was there that could have remembered a retrain: otherwise a cool-down is not known of. */
  known: boolean;
}

/**
 * All that is known of earlier checks: from the issue, and from the folder of records where that outlived them. The
 * newer request counts.
 * @param issueBody of the model's issue, which was looked for; undefined where it could not be.
 */
export async function recall(
  record: DriftCheck,
  { issueBody, folder, now, warn }: Sources,
): Promise<Recalled> {
  const issue = readMemory(issueBody ?? undefined, { name: record.name, now, warn });
  const inFolder = await checksInFolder(record, folder, warn);
  const requests = [issue.request, await readRequest(folder, now, warn)].filter(
    (request) => request !== null,
  );
  const newest = requests.sort((a, b) => Date.parse(b.at) - Date.parse(a.at))[0] ?? null;
  return {
    checks: newestChecks([...issue.checks, ...inFolder]),
    request: newest,
    known: issueBody !== undefined || inFolder.length > 0 || newest !== null,
  };
}

interface Sources {
  /** Null where it was looked for and the model has none. */
  issueBody: string | null | undefined;
  folder: RecordFolder;
  now: Date;
  warn: (message: string) => void;
}

/** Of earlier checks; one record that cannot be read does not hide the others' issue. */
async function checksInFolder(
  record: DriftCheck,
  folder: RecordFolder,
  warn: Sources['warn'],
): Promise<RememberedCheck[]> {
  try {
    return (await folder.all())
      .filter((one) => one.kind === 'DriftCheck' && one.createdAt < record.createdAt)
      .map((one) => remember(one as DriftCheck, null));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    warn(`The history of earlier checks was not read from ${folder.path}: ${error.message}`);
    return [];
  }
}

async function readRequest(
  folder: RecordFolder,
  now: Date,
  warn: Sources['warn'],
): Promise<RetrainRequest | null> {
  const file = join(folder.path, REQUEST_FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (text === undefined) return null;
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    raw = undefined;
  }
  const parsed = requestSchema.safeParse(raw);
  if (parsed.success && isPast(parsed.data, now)) return parsed.data;
  warn(`${file} is damaged or speaks of the future, and is not used. The cool-down may start anew.`);
  return null;
}

/** Leaves a started retrain beside the records. */
export async function keepRequest(folder: RecordFolder, request: RetrainRequest): Promise<void> {
  await writeFileAtomically(join(folder.path, REQUEST_FILE), `${JSON.stringify(request, null, 2)}\n`);
}
