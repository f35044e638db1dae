import { describe, expect, test } from 'vitest';
import { EVIL_PICKLE, findingsOf, PLAIN_PICKLE, scanOne } from '../../../testing/scan-one.ts';
import { tarMember as member, type TarMember, tarByHand } from '../../../testing/tar-by-hand.ts';
import { zipByHand } from '../../../testing/zip-by-hand.ts';

const tar = (...members: TarMember[]): Buffer => tarByHand(members);
const evil = { name: 'weights', bytes: EVIL_PICKLE };
const plain = { name: 'plain', bytes: PLAIN_PICKLE };
const record = (key: string, value: string) => {
  const rest = ` ${key}=${value}\n`;
  const length = rest.length + 2;
  return `${length > 99 ? length + 1 : length}${rest}`;
};

describe('a tar archive', () => {
  test('has no finding where it is ordinary, in each form', async () => {
    for (const magic of ['', 'ustar\0', 'ustar  \0']) {
      const folder = { name: 'folder/', type: '5', magic };
      expect(await findingsOf(tar(folder, { ...plain, magic }, { name: 'empty', magic }))).toEqual([]);
    }
  });

  test('is looked into, and archives in it', async () => {
    expect(await findingsOf(tar(plain, evil))).toEqual(['pickle-import: weights']);
    const inner = tar({ name: 'b', bytes: zipByHand([{ name: 'c', bytes: EVIL_PICKLE }]) });
    expect(await findingsOf(tar({ name: 'a', bytes: inner }))).toEqual(['pickle-import: a > b > c']);
  });

  test('has the long names of GNU and of pax', async () => {
    const long = 'n'.repeat(150);
    const gnu = tar({ name: '././@LongLink', type: 'L', bytes: Buffer.from(`${long}\0`) }, evil);
    expect(await findingsOf(gnu)).toEqual([`pickle-import: ${long}`]);
    const pax = tar({ name: 'pax', type: 'x', bytes: Buffer.from(record('path', long)) }, evil, plain);
    expect(await findingsOf(pax)).toEqual([`pickle-import: ${long}`]);
  });

  test('takes the size of a member from pax, as loaders do', async () => {
    const header = { name: 'pax', type: 'x', bytes: Buffer.from(record('size', `${EVIL_PICKLE.length}`)) };
    expect(await findingsOf(tar(header, { ...evil, size: 0 }))).toEqual(['pickle-import: weights']);
  });
});

test.each([
  ['a path that leaves', { ...plain, name: '../x' }, 'archive-path'],
  ['an absolute path', { ...plain, name: '/x' }, 'archive-path'],
  ['a name that is no UTF-8', { ...plain, name: 'a\xff' }, 'archive-name'],
  ['a hard link', { name: 'l', type: '1', link: 'plain' }, 'archive-link'],
  ['a symbolic link', { name: 'l', type: '2', link: '/etc/passwd' }, 'archive-link'],
  ['a device', { name: 'd', type: '3' }, 'archive-link'],
  ['a pipe', { name: 'd', type: '6' }, 'archive-link'],
  ['an unknown kind', { name: 'd', type: 'Z' }, 'archive-disagreement'],
  ['a wrong checksum', { ...plain, name: 'other', checksum: 1 }, 'archive-disagreement'],
])('%s is found', async (_what, odd: TarMember, rule) => {
  expect((await scanOne(tar({ ...plain, name: 'first' }, odd))).findings.map((found) => found.rule)).toEqual([
    rule,
  ]);
});

test('a link in a path of pax is found', async () => {
  const header = { name: 'pax', type: 'x', bytes: Buffer.from(record('path', '../../x')) };
  expect(await findingsOf(tar(header, plain))).toEqual(['archive-path']);
});

test('two members of one name are found', async () => {
  expect((await findingsOf(tar(plain, { ...evil, name: 'plain' }))).sort()).toEqual([
    'archive-duplicate',
    'pickle-import: plain',
  ]);
});

test('an archive behind the end of another is found', async () => {
  expect((await findingsOf(Buffer.concat([tar(plain), tar(evil)]))).sort()).toEqual([
    'archive-hidden',
    'pickle-import: weights',
  ]);
});

test('what follows a broken header is looked into', async () => {
  const found = await findingsOf(Buffer.concat([member(plain), EVIL_PICKLE, Buffer.alloc(512)]));
  expect(found).toContain('archive-disagreement');
  expect(found).toContain(`pickle-import: (bytes from ${member(plain).length} on)`);
});

test('an archive that is cut off is found', async () => {
  const whole = tar({ name: 'a', bytes: Buffer.alloc(2000, 7) });
  expect(await findingsOf(whole.subarray(0, 1200))).toEqual(['unreadable']);
});
