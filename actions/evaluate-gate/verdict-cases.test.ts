/**
 * What goes wrong most in comparisons, each with its verdict and its sentence: the whole gate on files, and its report
 * (or the error as it is printed) word by word. `vitest -u` remakes the golden files.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { describeUserError, UserError } from '../../shared/errors.ts';
import type { Verdict } from '../../shared/records/envelope.ts';
import { writeRecordText } from '../../shared/records/text.ts';
import { RECORD_FILE } from '../../shared/registries/packaged-model.ts';
import { openRegistry, parseRegistry } from '../../shared/registries/registry.ts';
import { renderSection } from '../../shared/report/section.ts';
import { csv, type GateFolder, makeGateFolder, NAME, POLICY, predictions } from './fixtures/gate-folder.ts';
import { report } from './report.ts';

let given: GateFolder;
const home = process.cwd();
beforeEach(async () => {
  given = await makeGateFolder();
  process.chdir(given.folder);
});
afterEach(async () => {
  process.chdir(home);
  vi.unstubAllEnvs();
  await given.close();
});

const rows = predictions(1.2, 2);
const files = (more: Record<string, string> = {}) => ({
  predictions: 'good.csv',
  'baseline-predictions': 'poor.csv',
  data: 'data.csv',
  model: 'model',
  policy: 'gate.yaml',
  ...more,
});
const worse = { predictions: 'poor.csv', 'baseline-predictions': 'good.csv' };
const policy = (text: string) => writeFile('gate.yaml', text);

/** The champion of a registry, as it was registered after an evaluation on other rows. */
async function registerOnOtherData(): Promise<string> {
  const earlier = await given.gate(files({ 'baseline-predictions': '' }));
  const registry = await openRegistry(parseRegistry('oci-layout:store', NAME), { env: {} });
  await mkdir('champion');
  await writeFile('champion/model.txt', 'champion');
  const { digest } = await registry.pushModel('champion');
  const dataDigest = `sha256:${'0'.repeat(64)}`;
  const record = { ...earlier, subject: { digest }, predictions: { ...earlier.predictions!, dataDigest } };
  const bytes = new TextEncoder().encode(writeRecordText(record));
  await registry.attach(digest, record.kind, [{ name: RECORD_FILE, bytes }]);
  await registry.moveAlias('champion', { to: digest });
  return `oci-layout:store/${NAME}@champion`;
}

/** As on a pull request whose base is the policy before this change. */
async function editPolicy(text: string): Promise<string> {
  const identity = ['-c', 'user.name=octocat', '-c', 'user.email=octocat@example.com'];
  const git = (...words: string[]) =>
    execFileSync('git', [...identity, ...words], { encoding: 'utf8', stdio: 'pipe' }).trim();
  git('init', '--quiet');
  git('add', 'gate.yaml');
  git('commit', '--quiet', '--message', 'the policy');
  const sha = git('rev-parse', 'HEAD');
  await policy(text);
  const head = { sha: 'd'.repeat(40), repo: { full_name: 'octocat/flights' } };
  await writeFile('event.json', JSON.stringify({ pull_request: { number: 7, head, base: { sha } } }));
  vi.stubEnv('GITHUB_REPOSITORY', 'octocat/flights');
  vi.stubEnv('GITHUB_SHA', 'e'.repeat(40));
  vi.stubEnv('GITHUB_EVENT_NAME', 'pull_request');
  vi.stubEnv('GITHUB_EVENT_PATH', given.at('event.json'));
  return sha;
}

/** The report, or the error as it is printed, without what differs from run to run. */
async function shown(
  inputs: Record<string, string>,
): Promise<{ verdict: Verdict; reason: string; text: string }> {
  const plain = (text: string) =>
    text.replaceAll(given.folder, '.').replace(/(?<=@|commit )[0-9a-f]{7}\b/g, '1234567');
  try {
    const record = await given.gate(inputs);
    const { verdict, reason } = record;
    return { verdict, reason: plain(reason), text: plain(renderSection(report(record))) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { verdict: 'error', reason: error.message, text: `${plain(describeUserError(error))}\n` };
  }
}

interface Case {
  name: string;
  /** Prepares the folder. @returns inputs beside the usual ones. */
  given(): Promise<Record<string, string>>;
  verdict: Verdict;
  reason: RegExp;
}

const waiver = (expires: string) =>
  `waivers:\n  - {name: roc_auc, owner: data team, reason: the new sensor is late, expires: ${expires}}\n`;

const cases: Case[] = [
  {
    name: 'missing-metric',
    given: async () => {
      await writeFile(
        'good.csv',
        ['id,y_pred', ...rows.map(({ id, score }) => `${id},${Math.round(score)}`)].join('\n'),
      );
      return {};
    },
    verdict: 'fail',
    reason: /^roc_auc is missing: .*y_score/,
  },
  {
    name: 'missing-slice',
    given: async () => {
      await policy(
        `${POLICY}slices:\n  - {feature_keys: [airline], metrics: [roc_auc], min_absolute_change: -0.02}\n`,
      );
      return {};
    },
    verdict: 'fail',
    reason: /^roc_auc, airline = .* is missing: no file has the column airline/,
  },
  {
    name: 'missing-baseline',
    given: async () => ({ 'baseline-predictions': '' }),
    verdict: 'warn',
    reason: /^No baseline \(none is named\): judged by its own limits only\.$/,
  },
  {
    name: 'other-data',
    given: async () => ({ baseline: await registerOnOtherData(), 'baseline-predictions': '' }),
    verdict: 'warn',
    reason: /^No baseline \(the champion was judged on other data and packages no predict-command\)/,
  },
  {
    name: 'expired-waiver',
    given: async () => {
      await policy(POLICY + waiver('2026-02-28'));
      return worse;
    },
    verdict: 'fail',
    reason: /^roc_auc is worse/,
  },
  {
    name: 'waiver',
    given: async () => {
      await policy(`${POLICY.replace(/ {2}- \{name: log_loss.*\n/, '')}${waiver('2026-03-01')}`);
      return worse;
    },
    verdict: 'warn',
    reason: /^roc_auc is worse.* Waived by data team until 2026-03-01 \(the new sensor is late\)\.$/,
  },
  {
    name: 'edited-policy',
    given: async () => {
      await editPolicy(POLICY.replace('min_absolute_change: -0.002', 'min_absolute_change: -0.5'));
      return worse;
    },
    verdict: 'fail',
    reason: /^roc_auc is worse/,
  },
  {
    name: 'own-policy',
    given: async () => {
      await editPolicy(POLICY);
      await writeFile('easy.yaml', POLICY.replace('lower_bound: 0.6', 'lower_bound: 0.1'));
      return { policy: 'easy.yaml' };
    },
    verdict: 'warn',
    reason: /^The base branch has no easy\.yaml .* which nobody has reviewed yet\. By it: Every limit/,
  },
  {
    name: 'suspicious-jump',
    given: async () => {
      await policy(POLICY.replace('min_absolute_change: -0.002', 'max_absolute_change: 0.01'));
      return {};
    },
    verdict: 'fail',
    reason: /^roc_auc is suspiciously better: .* Such a jump is often leakage\.$/,
  },
  {
    name: 'trained-on-judged-rows',
    given: async () => {
      await writeFile(
        'train.csv',
        ['flight_id,late', ...rows.slice(0, 12).map(({ id, truth }) => `${id},${truth}`)].join('\n'),
      );
      return { 'training-data': 'train.csv' };
    },
    verdict: 'fail',
    reason: /^training_overlap is outside its limit: 0\.0100, and the policy asks for at most 0\.$/,
  },
  {
    name: 'duplicate-ids',
    given: async () => {
      await writeFile('good.csv', csv([...rows, rows[5]!]));
      return {};
    },
    verdict: 'error',
    reason: /^In the predictions ids are given more than once, such as f0005 \(2 times\)\.$/,
  },
  {
    name: 'one-row-more',
    given: async () => {
      await writeFile('good.csv', csv([...rows, { ...rows[0]!, id: 'f9999' }]));
      return {};
    },
    verdict: 'error',
    reason: /^The rows are not the same: 1 id only in the predictions \(such as f9999\)\.$/,
  },
  {
    name: 'one-row-more-in-the-baseline',
    given: async () => {
      await writeFile('poor.csv', csv([...predictions(2.4, 1), { ...rows[0]!, id: 'f9999' }]));
      return {};
    },
    verdict: 'error',
    reason: /^The rows are not the same: 1 id only in the baseline's predictions \(such as f9999\)\.$/,
  },
];

describe('each case has its verdict and its sentence', () => {
  test.each(cases)('$name', async ({ name, given: prepare, verdict, reason }) => {
    const found = await shown(files(await prepare()));
    expect(found.verdict, found.reason).toBe(verdict);
    expect(found.reason).toMatch(reason);
    await expect(found.text).toMatchFileSnapshot(`./report/golden/cases/${name}.md`);
  });

  test('reordered ids change not a word', async () => {
    const before = await shown(files());
    expect(before.verdict).toBe('pass');
    await writeFile('good.csv', csv(rows.toReversed()));
    await writeFile('poor.csv', csv(predictions(2.4, 1).toSorted((a, b) => a.score - b.score)));
    const after = await shown(files());
    expect(after.text).toBe(before.text);
    await expect(after.text).toMatchFileSnapshot('./report/golden/cases/reordered-ids.md');
  });
});
