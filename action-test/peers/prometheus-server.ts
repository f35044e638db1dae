/** A real Prometheus on loopback whose storage holds what a test says was measured. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { freePort } from '../workflow/container-registry.ts';

const PROGRAMS = ['prometheus', 'promtool'];
export const hasPrometheus = PROGRAMS.every(
  (program) => spawnSync(program, ['--version']).error === undefined,
);

/** A test that fails where tests may not be skipped. */
export function requirePrometheus(): void {
  if (hasPrometheus || process.env.CI !== 'true') return;
  test('Prometheus is there', () => expect.fail(`No ${PROGRAMS.join(' and ')} in the PATH`));
}

export interface PrometheusServer {
  url: string;
  close(): Promise<void>;
}

const START_MILLISECONDS = 60_000;

/**
 * Starts one that scrapes nothing, unless it is told what.
 * @param openMetrics samples with times in seconds, ended by `# EOF`.
 * @param webConfiguration the file for `--web.config.file`, when accounts are asked for.
 * @param scraped `host:port` that is asked five times a second from now on.
 */
export async function startPrometheus(
  openMetrics: string,
  webConfiguration?: string,
  scraped?: string,
): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const port = await freePort();
  const file = (name: string) => join(folder, name);
  await writeFile(file('samples.txt'), openMetrics);
  const jobs = scraped
    ? `scrape_configs: [{job_name: all, scrape_interval: 200ms, scrape_timeout: 200ms, static_configs: [{targets: ["${scraped}"]}]}]\n`
    : '';
  await writeFile(file('prometheus.yml'), `global: {scrape_interval: 1h}\n${jobs}`);
  if (webConfiguration) await writeFile(file('web.yml'), webConfiguration);
  const made = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file('samples.txt'), file('data')];
  await promisify(execFile)('promtool', made);
  const options = [
    `--config.file=${file('prometheus.yml')}`,
    `--storage.tsdb.path=${file('data')}`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=127.0.0.1:${port}`,
    ...(webConfiguration ? [`--web.config.file=${file('web.yml')}`] : []),
  ];
  const child = spawn('prometheus', options, { cwd: folder, detached: true, stdio: 'ignore' });
  const close = async (): Promise<void> => {
    await endGroup(child);
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => {
    const { status } = await fetch(`${url}/-/ready`);
    if (status !== 200 && status !== 401) throw new Error(`Prometheus answers ${status}`);
  };
  try {
    await vi.waitFor(ready, { timeout: START_MILLISECONDS, interval: 50 });
  } catch (error) {
    await close();
    throw error;
  }
  return { url, close };
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}
