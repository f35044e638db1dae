/** Files that are no text, told by their first bytes: read as text they would be rows of nonsense. */
import { UserError } from '../errors.ts';

const BINARY: readonly { begins: string; is: string; fix: string }[] = [
  { begins: 'PAR1', is: 'a Parquet file', fix: 'Let its name end in .parquet.' },
  {
    begins: '\x1f\x8b',
    is: 'packed with gzip',
    fix: 'Let its name end in .gz, after what is packed: .csv.gz.',
  },
  {
    begins: '\x28\xb5\x2f\xfd',
    is: 'packed with zstd',
    fix: 'Let its name end in .zst, after what is packed: .csv.zst.',
  },
  {
    begins: 'PK\x03\x04',
    is: 'a ZIP archive (as spreadsheets are, too)',
    fix: 'Unpack it, or save the sheet as CSV.',
  },
  { begins: '\xd0\xcf\x11\xe0', is: 'an old Office document', fix: 'Save the sheet as CSV.' },
  {
    begins: 'SQLite format 3',
    is: 'an SQLite database',
    fix: 'Give it as sqlite:PATH, with a table or a query.',
  },
  { begins: 'ARROW1', is: 'an Arrow (Feather) file', fix: 'Write the table as Parquet.' },
  { begins: 'Obj\x01', is: 'an Avro file', fix: 'Write the table as Parquet.' },
];

/** @throws UserError where a file that should be text begins like one that is none. */
export function requireText(beginning: Uint8Array, path: string): void {
  const start = Buffer.from(beginning.subarray(0, 16)).toString('latin1');
  const found = BINARY.find(({ begins }) => start.startsWith(begins));
  if (found)
    throw new UserError(`${path} is ${found.is}, and its name says that it is text.`, {
      where: { file: path },
      fix: found.fix,
    });
}
