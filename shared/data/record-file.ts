import { open } from 'node:fs/promises';
import { type DataFiles, localPath } from './data-files.ts';

/** Larger files hold rows: a profile has some kilobytes a column. */
const LARGEST = 256 * 1024 * 1024;

/**
 * The texts of JSON files that may say something of data in place of rows: each is one object, or begins as one. What
 * they are is told by their content, since rows end in `.json` too.
 * @returns undefined where the files hold rows.
 */
export async function objectTexts({ format, files }: DataFiles): Promise<string[] | undefined> {
  if (format !== 'json') return undefined;
  const texts: string[] = [];
  for (const file of files) {
    const text = file.bytes > LARGEST ? undefined : await objectText(localPath(file));
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts;
}

/** Whether a text is a record of an earlier run, if need be one that was cut off or edited. */
export const isRecordText = (text: string): boolean =>
  text.includes('"schemaVersion"') && text.includes('"integrity"');

async function objectText(path: string): Promise<string | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    if (!/^\s*\{/.test(buffer.toString('utf8', 0, bytesRead))) return undefined;
    const { size } = await file.stat();
    return (await file.read(Buffer.alloc(size), 0, size, 0)).buffer.toString('utf8');
  } finally {
    await file.close();
  }
}
