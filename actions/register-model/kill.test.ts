import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../../shared/models/digest.ts';
import { readAttachedRecord, readPackagedModel } from '../../shared/registries/packaged-model.ts';
import { openRegistry, parseRegistry, type Registry } from '../../shared/registries/registry.ts';

const CHILD = fileURLToPath(new URL('./fixtures/register-child.ts', import.meta.url));

describe('a registration that is killed', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'killed-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function makeProject(name: string): Promise<string> {
    const project = join(folder, name);
    await mkdir(join(project, 'model'), { recursive: true });
    await mkdir(join(project, 'code'));
    await writeFile(join(project, 'model', 'weights.bin'), 'weights');
    await writeFile(join(project, 'model', 'config.json'), '{}');
    await writeFile(join(project, 'code', 'serve.py'), 'print()');
    return project;
  }

  /** Runs the registration; `killAt` is the change of the file system after which it dies. */
  function register(project: string, killAt?: number): Promise<{ signal: string | null; output: string }> {
    const env = { ...process.env, ...(killAt === undefined ? {} : { KILL_AT: String(killAt) }) };
    const child = spawn(process.execPath, [CHILD, project], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    return new Promise((resolve) => child.on('close', (_code, signal) => resolve({ signal, output })));
  }

  async function openProject(project: string): Promise<Registry> {
    return openRegistry(parseRegistry(`oci-layout:${join(project, 'registry')}`, 'churn'), { env: {} });
  }

  /** Whatever can be seen is whole: bytes, record and code. */
  async function expectWhole(project: string, registry: Registry): Promise<number> {
    const versions = await registry.versions();
    for (const { digest } of versions) {
      const out = join(project, 'out');
      const packaged = await readPackagedModel(registry, { digest }, out);
      expect((await modelDigest(packaged.modelFolder)).digest).toBe(digest);
      expect(await readFile(join(packaged.codeFolder, 'serve.py'), 'utf8')).toBe('print()');
      expect(packaged.serveCommand).toBe('python serve.py');
      expect((await readAttachedRecord(registry, digest, 'ModelVersion'))?.subject.digest).toBe(digest);
      await rm(out, { recursive: true });
    }
    const champion = (await registry.aliases()).champion;
    if (champion !== undefined) expect(versions.map((version) => version.digest)).toContain(champion);
    return versions.length;
  }

  test('at any point leaves nothing half, and run again makes exactly one version', async () => {
    const clean = await makeProject('clean');
    const { changes, verdict } = JSON.parse((await register(clean)).output) as {
      changes: number;
      verdict: string;
    };
    expect(verdict).toBe('warn');
    expect(changes).toBeGreaterThan(40);
    let seenWithout = 0;
    let seenWith = 0;
    for (let killAt = 1; killAt < changes; killAt += 5) {
      const project = await makeProject(`at-${killAt}`);
      expect((await register(project, killAt)).signal).toBe('SIGKILL');
      const registry = await openProject(project);
      if ((await expectWhole(project, registry)) === 0) seenWithout += 1;
      else seenWith += 1;
      expect((await register(project)).signal).toBeNull();
      expect(await expectWhole(project, registry)).toBe(1);
      expect((await registry.versions())[0]?.aliases).toEqual(['champion']);
      const left = await readdir(join(project, 'registry', 'churn', '.partial'));
      expect(left).toEqual([]);
    }
    // Both sides of the moment in which the version comes to be were met.
    expect(seenWithout).toBeGreaterThan(2);
    expect(seenWith).toBeGreaterThan(2);
  }, 300_000);

  test('among others at once still makes one version', async () => {
    const project = await makeProject('shared');
    await Promise.all([register(project), register(project, 30), register(project), register(project, 60)]);
    await register(project);
    const registry = await openProject(project);
    expect(await expectWhole(project, registry)).toBe(1);
    expect((await registry.aliasHistory('champion')).length).toBe(1);
  }, 60_000);
});
