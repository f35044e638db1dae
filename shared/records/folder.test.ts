import { mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { canonicalJson, sha256 } from './canonical-json.ts';
import { recordHead } from './envelope.ts';
import { RecordFolder, readRecordFile } from './folder.ts';
import type { AnyRecord } from './kinds.ts';
import { parseRecordText } from './text.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/** A record of which only the head matters here. */
function record(subject: string, createdAt = new Date(0)): AnyRecord {
  const head = recordHead('DataProfile', {
    name: 'flights',
    source: { repository: null, commit: null, runUrl: null },
    createdAt,
    subject,
    inputs: [],
    verdict: 'pass',
    reason: 'Nothing to say.',
  });
  return {
    ...head,
    format: 'csv',
    files: [],
    rowCount: 0,
    rejectedLines: 0,
    columns: [],
    chunks: [],
    approximate: [],
  };
}

let folder: RecordFolder;
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'records-'));
  folder = new RecordFolder(root, 'flights');
});

describe('writing and finding', () => {
  test('a record is found by kind and subject, and leaves no temporary file', async () => {
    const path = await folder.write(record(digest('a')));
    expect(path).toBe(join(root, 'flights', 'DataProfile-aaaaaaaaaaaa.json'));
    expect((await folder.find('DataProfile', digest('a')))?.subject.digest).toBe(digest('a'));
    expect(await readdir(join(root, 'flights'))).toEqual(['DataProfile-aaaaaaaaaaaa.json']);
  });

  test('the same subject replaces, the newest of several subjects counts', async () => {
    await folder.write(record(digest('a'), new Date(1000)));
    await folder.write(record(digest('a'), new Date(2000)));
    await folder.write(record(digest('b'), new Date(1500)));
    expect(await folder.all()).toHaveLength(2);
    expect((await folder.find('DataProfile'))?.subject.digest).toBe(digest('a'));
  });

  test('none is an error that lists what is there', async () => {
    await folder.write(record(digest('a')));
    await expect(folder.read('Evaluation', digest('a'))).rejects.toMatchObject({
      message: expect.stringContaining('There is no Evaluation record'),
      fix: 'What is there: DataProfile-aaaaaaaaaaaa.json.',
    });
  });

  test('attachments are named by digest and checked when read', async () => {
    const { file, digest: written } = await folder.writeAttachment('id,y\n1,2\n', 'csv');
    expect(new TextDecoder().decode(await folder.readAttachment(file, written))).toBe('id,y\n1,2\n');
    await writeFile(folder.attachmentPath(file), 'id,y\n1,3\n');
    await expect(folder.readAttachment(file, written)).rejects.toThrow(/changed after it was written/);
    expect(() => folder.attachmentPath('../../etc/passwd')).toThrow();
  });
});

test('a folder that cannot be one is a mistake of the user', async () => {
  await writeFile(join(root, 'flights'), 'a file');
  await expect(folder.write(record(digest('a')))).rejects.toThrow(
    /cannot be written: a part of the path is a file/,
  );
});

describe('four refusals, each its own', () => {
  test('cut off', async () => {
    const path = await folder.write(record(digest('a')));
    const text = await readFile(path, 'utf8');
    for (const length of [0, 1, text.length >> 1, text.length - 3]) {
      expect(() => parseRecordText(text.slice(0, length), path)).toThrow(/is cut off/);
    }
  });

  test('edited by hand', async () => {
    const path = await folder.write(record(digest('a')));
    await writeFile(path, (await readFile(path, 'utf8')).replace('"pass"', '"warn"'));
    await expect(readRecordFile(path)).rejects.toThrow(/was changed after it was written/);
  });

  test('from a newer release', async () => {
    const path = await folder.write(record(digest('a')));
    await writeFile(path, (await readFile(path, 'utf8')).replace('"schemaVersion": 1', '"schemaVersion": 2'));
    await expect(readRecordFile(path)).rejects.toThrow(/schema version 2; this release reads up to 1/);
  });

  test('of another digest', async () => {
    const path = await folder.write(record(digest('a')));
    await rename(path, path.replaceAll('aaaaaaaaaaaa', 'bbbbbbbbbbbb'));
    await expect(folder.find('DataProfile', digest('b'))).rejects.toThrow(/is of another subject/);
  });

  test('a key that the schema does not know, honestly signed', async () => {
    const content = { ...record(digest('a')), surprise: 1 };
    const text = JSON.stringify({ integrity: sha256(canonicalJson(content)), ...content });
    expect(() => parseRecordText(text, 'x.json')).toThrow(/does not follow the schema of DataProfile/);
  });
});

test('canonical JSON sorts keys and refuses numbers that JSON cannot carry', () => {
  expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: 'x' })).toBe('{"a":"x","b":[1,{"d":1}]}');
  expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError);
});
