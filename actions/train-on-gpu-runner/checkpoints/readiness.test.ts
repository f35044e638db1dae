import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isOwnName } from './folder-note.ts';
import { type Moment, reasonToWait } from './readiness.ts';
import { scanFolder, signatureOf } from './scan.ts';
import { stepOf } from './training-step.ts';
import { wholenessOf } from './wholeness.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'readiness-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string | Uint8Array = 'x'): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
/** Renaming is seen by the time of the name, which is later than that of the content. */
function writeAndRename(path: string, content = 'x'): void {
  write('aside.tmp', content);
  utimesSync(join(folder, 'aside.tmp'), 1_700_000_000, 1_700_000_000);
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  renameSync(join(folder, 'aside.tmp'), join(folder, path));
}

async function reason(moment: Partial<Moment> = {}): Promise<string | undefined> {
  const scan = await scanFolder(folder, isOwnName);
  const kept = new Map<string, string>();
  return reasonToWait(
    { folder, scan, kept, stillMs: 0, ended: 'killed', ...moment },
    { settleMs: 3000, brokenMs: 60_000 },
  );
}

describe('files of a program that was killed', () => {
  test('count when nothing had changed for a while, or each was renamed after its last byte', async () => {
    write('state.bin');
    expect(await reason()).toBe('the command was killed while files were being written');
    expect(await reason({ stillMs: 3000 })).toBeUndefined();
    expect(await reason({ ended: 'by-itself' })).toBeUndefined();
    rmSync(join(folder, 'state.bin'));
    writeAndRename('state.bin');
    expect(await reason()).toBeUndefined();
    expect(await reason({ ended: undefined })).toBeUndefined();
  });

  test('are a set when their names differ: one of them alone proves nothing', async () => {
    writeAndRename('model.bin');
    writeAndRename('optimizer.bin');
    expect(await reason()).toBeDefined();
    rmSync(join(folder, 'optimizer.bin'));
    writeAndRename('model-2.bin');
    rmSync(join(folder, 'model.bin'));
    writeAndRename('model-12.bin');
    expect(await reason()).toBeUndefined();
  });

  test('of a folder count when the folder was renamed, and none of it is being removed', async () => {
    write('checkpoint-5/model.bin');
    expect(await reason()).toBeDefined();
    mkdirSync(join(folder, 'tmp-checkpoint-7'));
    write('tmp-checkpoint-7/model.bin');
    rmSync(join(folder, 'checkpoint-5'), { recursive: true });
    expect(await reason()).toBeUndefined();
    utimesSync(join(folder, 'tmp-checkpoint-7'), 1_700_000_000, 1_700_000_000);
    renameSync(join(folder, 'tmp-checkpoint-7'), join(folder, 'checkpoint-7'));
    expect(await reason()).toBeUndefined();
    expect(await reason({ kept: new Map([['checkpoint-7/optimizer.bin', '1']]) })).toBeDefined();
  });

  test('of a folder that is being removed are not kept as what is left of it', async () => {
    write('checkpoint-5/model.bin');
    const [file] = (await scanFolder(folder, isOwnName)).files;
    const kept = new Map([[file!.path, file!.mark]]);
    expect(await reason({ kept, ended: undefined })).toBeUndefined();
    kept.set('checkpoint-5/optimizer.bin', '1');
    expect(await reason({ kept, ended: undefined })).toBe('files are being written');
  });

  test('of a Trainer count when its state is there, which it writes last', async () => {
    write('checkpoint-500/training_args.bin');
    write('checkpoint-500/model.safetensors.index.json', '{}');
    expect(await reason({ stillMs: 1e9 })).toBe('checkpoint-500 is not complete');
    expect(await reason({ ended: undefined, stillMs: 5000 })).toBe('checkpoint-500 is not complete');
    write('checkpoint-500/trainer_state.json', '{"global_step": 500}');
    expect(await reason({ stillMs: 1e9 })).toBeUndefined();
  });

  test('that lack their end never count; after a while of a living program they are of another format', async () => {
    write('state.json', '{"step": 3, "weights": [1, 2');
    expect(await reason({ stillMs: 1e9 })).toBe('state.json is not complete');
    expect(await reason({ ended: 'by-itself' })).toBe('state.json is not complete');
    expect(await reason({ ended: undefined, stillMs: 59_000 })).toBe('state.json is not complete');
    expect(await reason({ ended: undefined, stillMs: 60_000 })).toBeUndefined();
    write('state.json', '{"step": 3, "weights": [1, NaN]}');
    expect(await reason()).toBeUndefined();
  });
});

test('while it runs, a file that was changed just now is not proven yet', async () => {
  write('state.json', '{"step": 3}');
  expect(await reason({ ended: undefined })).toBe('files are being written');
  utimesSync(join(folder, 'state.json'), 1_700_000_000, 1_700_000_000);
  expect(await reason({ ended: undefined })).toBeUndefined();
});

test('temporary names and growing logs are no part of it', async () => {
  for (const name of [
    'a.tmp',
    'a.tmp.123',
    '.tmpab12cd',
    'tmpab12cd34',
    'a.partial',
    'b.swp',
    'c~',
    'tmp-checkpoint-5/x',
    '.mlops-x',
  ])
    write(name);
  for (const name of [
    'temperature.pt',
    'temp_scaling.bin',
    'template.json',
    'partial-fit.bin',
    'model.template',
  ])
    write(name);
  write('runs/events.out.tfevents.1.host');
  const before = await scanFolder(folder, isOwnName);
  expect(before.files.map(({ path }) => path)).toEqual([
    'model.template',
    'partial-fit.bin',
    'temp_scaling.bin',
    'temperature.pt',
    'template.json',
  ]);
  expect(before.logs.map(({ path }) => path)).toEqual(['runs/events.out.tfevents.1.host']);
  write('runs/events.out.tfevents.1.host', 'longer');
  const after = await scanFolder(folder, isOwnName);
  expect(signatureOf(after)).toBe(signatureOf(before));
  write('partial-fit.bin', 'other');
  expect(signatureOf(await scanFolder(folder, isOwnName))).not.toBe(signatureOf(before));
});

describe('every beginning of a file of a known format', () => {
  const tensors = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [3], data_offsets: [0, 12] } }));
  const header = Buffer.alloc(8);
  header.writeBigUInt64LE(BigInt(tensors.length));
  test.each([
    ['state.json', Buffer.from('{"step": 3, "weights": {"a": [1, 2]}}')],
    ['model.safetensors', Buffer.concat([header, tensors, Buffer.alloc(12)])],
    ['last.ckpt', zipOf('data.pkl', Buffer.from('weights weights weights'))],
  ])('%s is not whole', async (name, bytes) => {
    for (let length = 0; length <= bytes.length; length++) {
      write(name, bytes.subarray(0, length));
      const found = await wholenessOf(join(folder, name), length);
      if (length === bytes.length) expect(found).toBe('whole');
      // Before the fourth byte nothing tells a zip from another format.
      else
        expect(found, `${length} bytes`).toBe(
          name === 'last.ckpt' && length > 0 && length < 4 ? 'unknown' : 'broken',
        );
    }
  });

  test('formats that are not known are left to the time in which nothing changes', async () => {
    write('state.pkl', '\x80\x04');
    expect(await wholenessOf(join(folder, 'state.pkl'), 2)).toBe('unknown');
    write('old.pt', '\x80\x02 a pickle');
    expect(await wholenessOf(join(folder, 'old.pt'), 12)).toBe('unknown');
    write('number.json', '12');
    expect(await wholenessOf(join(folder, 'number.json'), 2)).toBe('unknown');
  });
});

test('the step is read where it is evident', async () => {
  write('state.json', '{"global_step": 40}');
  write('config.json', '{"layers": 3}');
  const cases: [string[], number | null][] = [
    [['checkpoint-500/model.bin', 'checkpoint-1000/model.bin', 'config.json'], 1000],
    [['epoch=3-step=1200.ckpt', 'last.ckpt'], 1200],
    [['global_step70/shard_0.bin', 'latest'], 70],
    [['ckpt_20.pt'], 20],
    [['state.json', 'config.json'], 40],
    [['config.json', 'model-7b.bin', 'missing.json'], null],
  ];
  for (const [paths, step] of cases) expect(await stepOf(folder, paths), paths[0]).toBe(step);
});

/** A zip of one file, as Python's zipfile writes it. */
function zipOf(name: string, content: Buffer): Buffer {
  const data = deflateRawSync(content);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  return Buffer.concat([local, Buffer.from(name), data, central, Buffer.from(name), end]);
}
