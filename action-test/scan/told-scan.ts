/** The safety scan of one file, with the format of the stream in which it finds something. */
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteReader } from '../../shared/models/scan/byte-reader.ts';
import { fileAccess, sourceOf } from '../../shared/models/scan/file-bytes.ts';
import { FileScan } from '../../shared/models/scan/file-scan.ts';
import type { Place } from '../../shared/models/scan/finding.ts';
import type { Format } from '../../shared/models/scan/identify.ts';
import { scannerByName } from '../../shared/models/scan/loaders/by-name.ts';
import type { FindingRule } from '../../shared/models/scan/rules.ts';
import type { ScanInput } from '../../shared/models/scan/scan-input.ts';

/** A format, or that a loader opens the file by its name, whatever it holds. */
export type Looked = Format | 'by-name';

export interface Told {
  /** As which every stream in the file was looked into, the outermost first. */
  formats: Looked[];
  /** With that of the stream; undefined where nothing could be read of it. */
  findings: { rule: FindingRule; format: Looked | undefined; what: string }[];
}

interface OpenStream {
  place: Place;
  format?: Format;
  /** Found before its format was told: by its name, or while it was read. */
  early: Told['findings'];
}

/** Streams are looked into one at a time, each within the one that holds it; one may still speak while an inner is read. */
class ToldScan extends FileScan {
  readonly #open: OpenStream[];
  readonly #told: Told;

  constructor(size: number, temporaryFolder: string, told: Told) {
    const open: OpenStream[] = [];
    super({
      size,
      temporaryFolder,
      signal: new AbortController().signal,
      count: (format) => {
        open.at(-1)!.format = format;
        told.formats.push(format);
      },
      report: (place, { rule, what }) => {
        const stream = open.findLast((one) => one.place === place);
        // Told at the end of the file, of what a stream said that was looked into by its name.
        const isLate = rule === 'checkpoint-piece';
        const finding = { rule, format: isLate ? ('by-name' as const) : stream?.format, what };
        told.findings.push(finding);
        if (stream && stream.format === undefined) stream.early.push(finding);
      },
    });
    this.#open = open;
    this.#told = told;
  }

  override async look(input: ScanInput): Promise<void> {
    const stream: OpenStream = { place: input.place, early: [] };
    const isNamed = input.role === undefined && (await scannerByName(input.place)) !== undefined;
    if (isNamed) this.#told.formats.push('by-name');
    this.#open.push(stream);
    try {
      await super.look(input);
    } finally {
      this.#open.pop();
      if (isNamed && stream.format !== undefined)
        for (const finding of stream.early) finding.format = 'by-name';
    }
  }
}

/** @param name of the file in its model. @param make its bytes. */
export async function toldScan({ name, make }: { name: string; make(): Uint8Array }): Promise<Told> {
  const folder = await mkdtemp(join(tmpdir(), 'told-scan-'));
  const bytes = make();
  const told: Told = { formats: [], findings: [] };
  try {
    const location = join(folder, 'model');
    await writeFile(location, bytes);
    const handle = await open(location, 'r');
    try {
      const random = fileAccess(handle, bytes.length);
      const scan = new ToldScan(bytes.length, folder, told);
      const reader = new ByteReader(sourceOf(random));
      await scan.look({ place: { file: name, members: [] }, reader, size: bytes.length, random });
    } finally {
      await handle.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return told;
}
