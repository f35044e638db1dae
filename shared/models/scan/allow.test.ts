import { describe, expect, test } from 'vitest';
import { AllowList, readAllowFile, readAllowList } from './allow.ts';

const ENTRY = { name: 'team.Encoder', reason: 'our own encoder', expires: '2026-03-01' };
const SHA256 = 'a'.repeat(64);
const never = (): Promise<string> => Promise.reject(new Error('no digest is needed'));

describe('the file of scan-allow', () => {
  test('is a list of names with reasons and days', async () => {
    const text = `- name: team.Encoder\n  reason: our own encoder\n  expires: 2026-03-01\n  sha256: ${SHA256}\n`;
    expect(await readAllowList(text, 'allow.yaml')).toEqual([{ ...ENTRY, sha256: SHA256 }]);
    expect(await readAllowFile(undefined)).toEqual([]);
  });

  test.each([
    ['- name: team.Encoder\n  reason: x\n', 1, '[0].expires', 'expires'],
    ['- name: a.B\n  reson: x\n  reason: y\n  expires: 2026-03-01\n', 2, '[0].reson', 'Unknown key "reson"'],
    ['- name: a.B\n  reason: ""\n  expires: 2026-03-01\n', 2, '[0].reason', 'a reason is needed'],
    ['- name: a.B\n  reason: y\n  expires: next year\n', 3, '[0].expires', 'yyyy-mm-dd'],
    ['- name: team.*\n  reason: y\n  expires: 2026-03-01\n', 1, '[0].name', 'module.Class'],
    ['- name: team\n  reason: y\n  expires: 2026-03-01\n', 1, '[0].name', 'module.Class'],
    ['- name: a.B\n  sha256: abc\n  reason: y\n  expires: 2026-03-01\n', 2, '[0].sha256', 'sha256sum'],
    ['name: a.B\n', 1, '', 'array'],
    ['- [', 1, undefined, 'not valid YAML'],
  ])('%j is refused where it is wrong', async (text, line, key, problem) => {
    const error = await readAllowList(text, 'allow.yaml').catch((caught) => caught);
    expect(error.message).toContain(problem);
    expect(error.where).toMatchObject({ file: 'allow.yaml', line, ...(key === undefined ? {} : { key }) });
  });

  test('a misspelt key is answered with the nearest one, a missing file with its path', async () => {
    const misspelt = readAllowList('- name: a.B\n  reason: y\n  expired: 2026-03-01\n', 'allow.yaml');
    await expect(misspelt).rejects.toMatchObject({ fix: 'Did you mean "expires"?' });
    await expect(readAllowFile('none.yaml')).rejects.toMatchObject({
      where: { file: 'none.yaml', key: 'scan-allow' },
    });
  });
});

describe('an entry', () => {
  test('lets its name through to the end of its last day, and no other', async () => {
    const list = new AllowList([ENTRY], new Date('2026-03-01T23:59:59Z'));
    expect(await list.permit('team.Encoder', never)).toBe('our own encoder (until 2026-03-01)');
    expect(await list.permit('team.encoder', never)).toBeNull();
    expect(await list.permit('team.Encoder.fit', never)).toBeNull();
    expect(await list.permit(undefined, never)).toBeNull();
    expect(list.remarks()).toEqual([]);
  });

  test('permits nothing on the day after, and says so', async () => {
    const list = new AllowList([ENTRY], new Date('2026-03-02T00:00:00Z'));
    expect(await list.permit('team.Encoder', never)).toBeNull();
    expect(list.remarks()).toEqual([
      'The entry for team.Encoder in scan-allow expired after 2026-03-01: it permits nothing any more.',
    ]);
  });

  test('with a sha256 holds for that file alone', async () => {
    const list = new AllowList([{ ...ENTRY, sha256: SHA256 }], new Date('2026-01-01'));
    expect(await list.permit('team.Encoder', async () => 'b'.repeat(64))).toBeNull();
    expect(list.remarks()).toEqual([
      `The entry for team.Encoder in scan-allow permits nothing: the file that needs it has the sha256 ${'b'.repeat(64)}.`,
    ]);
    expect(await list.permit('team.Encoder', async () => SHA256)).toContain('our own encoder');
    expect(list.remarks()).toEqual([]);
  });

  test('with a sha256 that nothing needs is named', async () => {
    const list = new AllowList([{ ...ENTRY, sha256: SHA256 }], new Date('2026-01-01'));
    expect(list.remarks()).toEqual([expect.stringContaining('a file of the model with this sha256')]);
  });

  test('that nothing needs is named', async () => {
    const list = new AllowList([ENTRY], new Date('2026-01-01'));
    expect(list.remarks()).toEqual([
      'The entry for team.Encoder in scan-allow permits nothing: no finding in the model names it.',
    ]);
  });
});
