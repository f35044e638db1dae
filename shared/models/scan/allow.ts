/** `scan-allow`: imports of a user's own that a person vouches for, for a while and in writing. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { UserError } from '../../errors.ts';
import { parseYamlDocument } from '../../records/document.ts';

export const scanAllowSchema = z
  .array(
    z.strictObject({
      /** `module.Class`, as the finding names it; no pattern. */
      name: z
        .string()
        .max(1_000)
        .regex(/^[^\s*.]+(\.[^\s*.]+)+$/, 'a name is written out in full, as module.Class'),
      /** Of the file that it is let through in; without it, in every file of the model. */
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'a sha256 is 64 lower-case hexadecimal digits, as sha256sum prints it')
        .optional(),
      /** Why it may be loaded. */
      reason: z.string().trim().min(1, 'a reason is needed').max(2_000),
      /** The last day on which it holds, as yyyy-mm-dd, in UTC. */
      expires: z.iso.date('a date is written as yyyy-mm-dd'),
    }),
  )
  .max(1_000);
export type AllowedFinding = z.infer<typeof scanAllowSchema>[number];

/**
 * Reads the text of a `scan-allow` file.
 * @param file its name, for errors. @throws UserError with line and key at the first thing that cannot be read.
 */
export async function readAllowList(text: string, file: string): Promise<AllowedFinding[]> {
  return (await parseYamlDocument(text, file, scanAllowSchema)).value;
}

/** As `readAllowList`, of the file that the input `scan-allow` names; nothing is allowed where it names none. */
export async function readAllowFile(path: string | undefined): Promise<AllowedFinding[]> {
  if (path === undefined) return [];
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new UserError(`The file ${path} cannot be read.`, {
      where: { file: path, key: 'scan-allow' },
      fix: 'Check the path; it is relative to the working directory.',
      cause,
    });
  });
  return readAllowList(text, path);
}

/** The entries as they hold today, and which of them let something through. */
export class AllowList {
  readonly #entries: {
    entry: AllowedFinding;
    expired: boolean;
    matched: boolean;
    /** The sha256 of a file whose finding has the name, but that is another one. */
    elsewhere?: string;
  }[];

  /** @param now decides which entries have expired; the last day counts. */
  constructor(entries: readonly AllowedFinding[], now: Date) {
    const day = now.toISOString().slice(0, 10);
    this.#entries = entries.map((entry) => ({ entry, expired: entry.expires < day, matched: false }));
  }

  /**
   * Why a finding is let through, in the words of who vouches for it; null where nothing permits it.
   * @param name what the finding names; undefined where nothing can let it through.
   * @param digest the sha256 of the whole file as 64 hexadecimal digits, computed only where an entry asks for it.
   */
  async permit(name: string | undefined, digest: () => Promise<string>): Promise<string | null> {
    let reason: string | null = null;
    for (const known of this.#entries) {
      const { entry, expired } = known;
      if (entry.name !== name) continue;
      if (entry.sha256 !== undefined && entry.sha256 !== (await digest())) {
        known.elsewhere ??= await digest();
        continue;
      }
      known.matched = true;
      if (!expired) reason ??= `${entry.reason} (until ${entry.expires})`;
    }
    return reason;
  }

  /** A sentence for each entry that has expired or lets nothing through, once all has been scanned. */
  remarks(): string[] {
    return this.#entries.flatMap(({ entry, expired, matched, elsewhere }) => {
      if (expired) {
        return [
          `The entry for ${entry.name} in scan-allow expired after ${entry.expires}: it permits nothing any more.`,
        ];
      }
      if (matched) return [];
      if (elsewhere !== undefined) {
        return [
          `The entry for ${entry.name} in scan-allow permits nothing: the file that needs it has the sha256 ${elsewhere}.`,
        ];
      }
      const where = entry.sha256 === undefined ? 'the model' : 'a file of the model with this sha256';
      return [`The entry for ${entry.name} in scan-allow permits nothing: no finding in ${where} names it.`];
    });
  }
}
