/**
 * The page in a real browser: on a phone and on a desk, light and dark. It must pass axe's accessibility checks, fit
 * its window and ask for nothing. `MLOPS_SCREENSHOTS=folder` keeps the pictures.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';
import type { AnyRecord } from '../../shared/records/kinds.ts';
import { renderPage } from '../../shared/report/page.ts';
import { sampleEvaluation } from '../../shared/testing/sample-evaluation.ts';
import { sampleCalibration, sampleWaived } from '../../shared/testing/sample-evaluation-variants.ts';
import { sampleRecords } from '../../shared/testing/sample-records.ts';
import { sampleLaunch, sampleReap } from '../../shared/testing/sample-runner.ts';
import { HOSTILE_TEXT } from '../../shared/testing/sample-sections.ts';
import { sampleBrokenTraining, sampleGpuTraining } from '../../shared/testing/sample-training.ts';

const executablePath = findChromium();
const isSkipped = executablePath === undefined && process.env.CI !== 'true';
if (isSkipped) console.warn('Skipped: no Chromium on PATH, and CHROMIUM names none (apt: chromium)');

const PAGES: Record<string, () => AnyRecord[]> = {
  loop: () => sampleRecords(),
  gates: () => [
    sampleWaived(),
    { ...sampleCalibration(), name: 'calibration' },
    { ...manyLabels(), name: 'many-labels' },
  ],
  training: () => [
    sampleLaunch(),
    sampleReap(),
    sampleGpuTraining(),
    { ...sampleBrokenTraining(), name: 'broken' },
  ],
  hostile: () => [
    sampleLaunch(`${HOSTILE_TEXT} ${'unbroken'.repeat(20)}`),
    sampleGpuTraining(`${HOSTILE_TEXT} ${'unbroken'.repeat(20)}`),
    ...sampleRecords(`${HOSTILE_TEXT} ${'unbroken'.repeat(20)}`),
    { ...sampleWaived(HOSTILE_TEXT), name: 'waived' },
  ],
};

const PHONE = { width: 375, height: 812 };
const DESK = { width: 1280, height: 900 };
const SCHEMES = ['light', 'dark'] as const;

/** A page without a champion, of seven labels. */
function manyLabels(): AnyRecord {
  const labels = ['plane', 'car', 'bird', 'cat', 'deer', 'dog', 'ship'];
  const sample = sampleEvaluation();
  return {
    ...sample,
    task: 'multiclass',
    baseline: { status: 'missing', from: null, digest: null, why: 'none is named' },
    metrics: sample.metrics.map((metric) => ({
      ...metric,
      champion: null,
      difference: null,
      interval: null,
    })),
    slices: [],
    curves: sample.curves && { ...sample.curves, champion: null },
    confusion: {
      labels,
      champion: null,
      challenger: labels.map((_, row) =>
        labels.map((__, column) => (row === column ? 90 : (row * column) % 7)),
      ),
    },
    attributions: sample.attributions!.map((entry) => ({ ...entry, champion: null })),
    load: { ...sample.load!, champion: null },
  };
}

describe.skipIf(isSkipped)('report.html in Chromium', () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    expect(executablePath, 'a browser must be installed where CI=true').toBeDefined();
    folder = await mkdtemp(join(tmpdir(), 'page-browser-'));
    for (const [name, records] of Object.entries(PAGES))
      await writeFile(join(folder, `${name}.html`), await renderPage(records()));
    browser = await chromium.launch({
      executablePath,
      // Chromium has no sandbox of its own for root, as in most containers.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
  });

  afterAll(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  // What bursts a page bursts it on a phone.
  const cases = Object.keys(PAGES).flatMap((name) =>
    (name === 'hostile' ? [PHONE] : [PHONE, DESK]).map((viewport) => ({ name, viewport })),
  );

  test.concurrent.each(cases)('$name at $viewport.width px', async ({ name, viewport }) => {
    const context = await browser.newContext({ viewport, deviceScaleFactor: 1 });
    try {
      const page = await context.newPage();
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      const address = pathToFileURL(join(folder, `${name}.html`)).href;
      await page.goto(address);
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await keepPicture(page, `${name}-${viewport.width}-${colorScheme}`);
      }
      // What is folded must be as good as what is open.
      await page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true');
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
      await page.evaluate(axe.source);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        // Nothing but colours differs in the dark.
        expect(
          await violations(page, colorScheme === 'dark' ? ['cat.color'] : undefined),
          colorScheme,
        ).toEqual([]);
      }
      expect(requests).toEqual([address]);
    } finally {
      await context.close();
    }
  });

  /** By how many pixels the document is wider than its window. */
  const sidewaysScroll = (page: Page): Promise<number> =>
    page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

  async function violations(page: Page, runOnly?: string[]): Promise<string[]> {
    const found = await page.evaluate<AxeResults['violations']>(
      `axe.run(document, ${JSON.stringify({ resultTypes: ['violations'], runOnly })}).then((results) => results.violations)`,
    );
    return found.map(
      ({ id, help, nodes }) =>
        `${id}: ${help} (${nodes.length}): ${nodes[0]!.html.slice(0, 200)} ${nodes[0]!.failureSummary ?? ''}`,
    );
  }

  async function keepPicture(page: Page, name: string): Promise<void> {
    const kept = process.env.MLOPS_SCREENSHOTS;
    if (kept) await mkdir(kept, { recursive: true });
    const picture = await page.screenshot({ fullPage: true, path: join(kept ?? folder, `${name}.png`) });
    expect(picture.length).toBeGreaterThan(10_000);
  }
});
