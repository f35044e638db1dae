/** Which version of the policy judges, in a checkout as runners make it. */
import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { boundOf, policy, usePolicyCheckout } from '../fixtures/policy-checkout.ts';
import { withPolicyWarning } from './policy-source.ts';

const { git, write, commit, read, warnings, beside, inside } = usePolicyCheckout();

describe('the policy that judges', () => {
  test('is that of the base when the pull request leaves it alone, and nothing is said', async () => {
    const base = await commit(policy(0.8));
    await commit('unrelated', 'models/flights/notes.txt');
    expect(await read(base)).toMatchObject({ from: 'base', change: null, notes: [] });
    await write(policy(0.8).replaceAll('\n', '\r\n'));
    expect(await read(base)).toMatchObject({ from: 'base', change: null });
    expect(warnings()).toEqual([]);
  });

  test('is that of the base when the pull request lowers the bar, shown as a diff', async () => {
    const base = await commit(policy(0.8));
    await commit(`# one line more\n${policy(0.5)}`);
    const judging = await read(base);
    expect(boundOf(judging)).toBe(0.8);
    expect(judging).toMatchObject({ from: 'base', document: { file: 'gate.yaml' } });
    expect(judging!.change!.why).toBe(
      `The policy gate.yaml differs in this pull request; it is judged by the version of the base commit ${base.slice(0, 7)}.`,
    );
    expect(judging!.change!.diff).toBe(`--- a/gate.yaml
+++ b/gate.yaml
@@ -1,5 +1,6 @@
+# one line more
 version: 1
 task: binary
 # What reviewers agreed on.
 metrics:
-  - {name: roc_auc, lower_bound: 0.8}
+  - {name: roc_auc, lower_bound: 0.5}
`);
    // A place is in the version that judges and says so; an annotation stands where the pull request shows it.
    const where = judging!.document.locate(['metrics', 0]);
    expect(where).toMatchObject({ file: `gate.yaml@${base.slice(0, 7)}`, line: 5 });
    const moved = judging!.inCheckout({ level: 'error', message: 'too low', where });
    expect(moved.where).toMatchObject({ file: 'gate.yaml', line: 6 });
    expect(moved.message).toBe("too low (Line 5 of the base branch's version, which judges.)");
  });

  test('is that of the base when the pull request deletes it or breaks it', async () => {
    const base = await commit(policy(0.8));
    await commit(policy(0.8, 'metricks: []\n'));
    const broken = await read(base);
    expect(boundOf(broken)).toBe(0.8);
    expect(broken!.notes.join()).toContain('is broken and would judge nothing once it is merged');
    await commit(undefined);
    const deleted = await read(base);
    expect(boundOf(deleted)).toBe(0.8);
    expect(deleted!.change!.why).toContain('is deleted in this pull request');
    expect(deleted!.change!.diff).toContain('+++ /dev/null');
    const annotation = {
      level: 'error' as const,
      message: 'low',
      where: deleted!.document.locate(['metrics']),
    };
    expect(deleted!.inCheckout(annotation).where).toMatchObject({ file: 'gate.yaml', line: undefined });
  });

  test('is its own where the base has none, loudly: a pass becomes a warning', async () => {
    const base = await commit(policy(0.8));
    await commit(policy(0.1), 'models/flights/easy.yaml');
    const judging = await read(base, { file: 'easy.yaml' });
    expect(boundOf(judging)).toBe(0.1);
    expect(judging!.from).toBe('file');
    expect(judging!.change!.diff).toContain('--- /dev/null');
    expect(judging!.notes).toEqual([judging!.change!.why]);
    expect(warnings()).toEqual([judging!.change!.why]);
    expect(withPolicyWarning({ verdict: 'pass', reason: 'Fine.' }, judging)).toEqual({
      verdict: 'warn',
      reason: `${judging!.change!.why} By it: Fine.`,
    });
    const failed = { verdict: 'fail' as const, reason: 'Worse.' };
    expect(withPolicyWarning(failed, judging)).toBe(failed);
    const outside = beside('elsewhere.yaml');
    await writeFile(outside, policy(0.2));
    expect((await read(base, { file: outside }))!.change!.why).toContain('The base branch has no');
  });

  test("a broken policy of the base has a message of its own, with the base's line", async () => {
    const base = await commit(policy(0.8, 'metricks: []\n'));
    await commit(policy(0.8));
    await expect(read(base)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^The policy of the base branch, which judges this pull request, is broken\. Unknown key/,
      ),
      where: { file: `gate.yaml@${base.slice(0, 7)}`, line: 6 },
      fix: expect.stringContaining('Did you mean "metrics"? Mend it on the base branch first'),
    });
  });

  test('follows a link that the base has, and no replacement that the checkout makes up', async () => {
    await write(policy(0.8), 'common.yaml');
    await symlink('../../common.yaml', inside('models/flights/gate.yaml'));
    git('add', '--all');
    const base = await commit(policy(0.8), 'common.yaml');
    const lower = await commit(policy(0.5), 'common.yaml');
    expect(boundOf(await read(base))).toBe(0.8);
    git('replace', git('rev-parse', `${base}:common.yaml`), git('rev-parse', `${lower}:common.yaml`));
    expect(boundOf(await read(base))).toBe(0.8);
  });

  test('is that of the folder that the workflow names, though the pull request makes it a link', async () => {
    await mkdir(inside('models/toy'));
    await commit(policy(0.1), 'models/toy/gate.yaml');
    const base = await commit(policy(0.8));
    await rm(inside('models/flights'), { recursive: true });
    await symlink('toy', inside('models/flights'));
    const judging = await read(base);
    expect(boundOf(judging)).toBe(0.8);
    expect(judging!.change!.diff).toContain('+  - {name: roc_auc, lower_bound: 0.1}');
  });

  test('is that of the folder, though the pull request makes it a repository of its own', async () => {
    await commit(policy(0.1), 'gate.yaml');
    const base = await commit(policy(0.8));
    await write(policy(0.1));
    execFileSync('git', ['init', '--quiet'], { cwd: inside('models/flights') });
    expect(boundOf(await read(base))).toBe(0.8);
  });

  test('does not show the file of the machine that the pull request makes it a link to', async () => {
    const base = await commit(policy(0.8));
    const secret = beside('token');
    await writeFile(secret, 'ghs_secret');
    const link = inside('models/flights/gate.yaml');
    for (const target of [secret, inside('.git/config'), '/dev/zero', 'nowhere']) {
      await rm(link);
      await symlink(target, link);
      const judging = await read(base);
      expect(boundOf(judging)).toBe(0.8);
      expect(judging!.change!.why).toMatch(/is no longer a file of the checkout|leads nowhere/);
      expect(judging!.change!.diff).not.toMatch(/^\+(?!\+\+)/m);
    }
  });
});
