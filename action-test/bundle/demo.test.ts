/** `npm run demo` tells its story from the committed bundles: once, and again without a network. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../scripts/bundle.ts';
import { RecordFolder } from '../../shared/records/folder.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import { openRegistry, parseRegistry } from '../../shared/registries/registry.ts';

const NAME = 'flight-delays';
/** Python packages may have to be fetched. */
const LIMIT_MS = 400_000;
/** Nothing listens there. */
const NO_NETWORK = 'http://127.0.0.1:9';

const folder = mkdtempSync(join(tmpdir(), 'demo-'));
const at = (...parts: string[]) => join(folder, ...parts);

function demo(env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/demo.mjs'), folder], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, output: `${stdout}\n${stderr}` };
}

async function registered() {
  const registry = await openRegistry(parseRegistry(`oci-layout:${at('mlops-registry')}`, NAME), {
    env: process.env,
  });
  const [versions, aliases] = [await registry.versions(), await registry.aliases()];
  return { versions: versions.map((version) => version.digest).sort(), champion: aliases.champion };
}

const comments = () => readdirSync(at('github')).filter((file) => file.startsWith('comment-'));

describe('the demo', () => {
  let first: Awaited<ReturnType<typeof registered>>;

  beforeAll(async () => {
    const { status, output } = demo();
    expect(status, output).toBe(0);
    first = await registered();
  }, LIMIT_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('registers three versions, of which the better one is champion', () => {
    expect(first.versions).toHaveLength(3);
    expect(first.versions).toContain(first.champion);
  });

  test('stores with each version the profile of the data it was trained on', async () => {
    const registry = await openRegistry(parseRegistry(`oci-layout:${at('mlops-registry')}`, NAME), {
      env: process.env,
    });
    for (const digest of first.versions) {
      const run = await readAttachedRecord(registry, digest, 'TrainingRun');
      const profile = await readAttachedRecord(registry, digest, 'DataProfile');
      expect(run?.inputs.map((input) => input.digest)).toContain(profile?.subject.digest);
    }
  });

  test('leaves records that agree with the registry', async () => {
    const records = await new RecordFolder(at('mlops-records'), NAME).all();
    const subjects = (kind: string) =>
      records.filter((record) => record.kind === kind).map((record) => record.subject.digest);
    expect([...new Set(subjects('ModelVersion'))].sort()).toEqual(first.versions);
    expect(subjects('Evaluation')).toEqual(expect.arrayContaining(first.versions));
    expect(
      records.filter((record) => record.kind === 'Deployment' && record.verdict === 'fail'),
    ).not.toHaveLength(0);
    const drift = records.filter((record) => record.kind === 'DriftCheck').map((record) => record.verdict);
    expect(drift.sort()).toEqual(['fail', 'warn']);
  });

  test('leaves a page below 300 KB that asks nothing of the network', () => {
    const page = readFileSync(at('mlops-records/report.html'), 'utf8');
    expect(statSync(at('mlops-records/report.html')).size).toBeLessThan(300_000);
    expect(page).toContain(first.champion!.slice('sha256:'.length, 'sha256:'.length + 12));
    expect(page).not.toMatch(/<script|<link|@import|src=["']?(?:https?:)?\/\//i);
  });

  test('leaves a comment with the verdict of the gate', () => {
    const better = comments().map((file) => readFileSync(at('github', file), 'utf8'));
    expect(better.some((text) => text.includes('better than the champion') && text.includes('roc_auc'))).toBe(
      true,
    );
  });

  test('runs again without a network, and repeats nothing', { timeout: LIMIT_MS }, async () => {
    const before = comments();
    const offline = {
      npm_config_registry: NO_NETWORK,
      HTTPS_PROXY: NO_NETWORK,
      HTTP_PROXY: NO_NETWORK,
      PIP_INDEX_URL: NO_NETWORK,
      PIP_FIND_LINKS: '',
    };
    const { status, output } = demo(offline);
    expect(status, output).toBe(0);
    expect(await registered()).toEqual(first);
    expect(comments()).toEqual(before);
  });

  test('leaves no process behind', () => {
    const running = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
    expect(running.split('\n').filter((line) => line.includes(folder))).toEqual([]);
  });
});
