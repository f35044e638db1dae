import { describe, expect, test } from 'vitest';
import { recordSchemas } from '../records/kinds.ts';
import { parsePage as parse } from '../testing/parse-page.ts';
import { sampleEvaluation } from '../testing/sample-evaluation.ts';
import { sampleCalibration, sampleWaived } from '../testing/sample-evaluation-variants.ts';
import { sampleRecords } from '../testing/sample-records.ts';
import { HOSTILE_TEXT } from '../testing/sample-sections.ts';
import { STYLE } from './page/style.ts';
import { renderPage } from './page.ts';

describe('renderPage', () => {
  test('shows the whole loop in one small file that asks for nothing', async () => {
    const records = [
      ...sampleRecords(),
      ...[21, 22, 23, 24, 25].map((minute) => sampleEvaluation('origin', minute)),
    ];
    for (const record of records) recordSchemas[record.kind].parse(record);
    const page = await renderPage(records);
    expect(Buffer.byteLength(page)).toBeLessThan(350_000);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(/i);
    expect(page.match(/\b(?:src|href)="[^#"][^"]*"/g)).toBeNull();
    const { tags, text } = parse(page);
    expect(tags.filter((tag) => tag === 'figure').length).toBeGreaterThan(10);
    for (const shown of [
      'ROC curve',
      'Precision–recall curve',
      'Calibration',
      'Confusion of the',
      'Slices by metric, the worst first',
      'Slices with more wrong labels than elsewhere',
      'recall per group',
      'How long answers take',
      'What the models reason from',
      'Waivers',
      'would be found in 80 %',
      'The canary over time',
      'roc_auc per chunk',
      'Resources in numbers',
    ]) {
      expect(text).toContain(shown);
    }
    const order = ['Data', 'Data profile', 'Training', 'Gate', 'Registry', 'Canary', 'Drift'];
    expect([...page.matchAll(/<h3[^>]*>([^<]*)<\/h3>/g)].map(([, title]) => title)).toEqual(order);
    // Older records of a kind are there, folded; the oldest in a line.
    expect(text).toContain('2 earlier');
  });

  test('has headings in order, ids that are unique and targets for all its links', async () => {
    const page = await renderPage(sampleRecords());
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    expect(levels[0]).toBe(1);
    levels.forEach((level, index) => {
      if (index > 0) expect(level - levels[index - 1]!).toBeLessThanOrEqual(1);
    });
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
    for (const [, labels] of page.matchAll(/aria-labelledby="([^"]*)"/g)) {
      for (const label of labels!.split(' ')) expect(ids).toContain(label);
    }
    const pictures = page.match(/<svg /g)!.length;
    expect(page.match(/<title id=/g)).toHaveLength(pictures);
    expect(page.match(/<desc id=/g)).toHaveLength(pictures);
  });

  test('no coordinate is missing', async () => {
    expect(await renderPage(sampleRecords())).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  test('shows hostile names as plain text', async () => {
    const page = await renderPage(sampleRecords(HOSTILE_TEXT));
    parse(page);
    expect(page).not.toMatch(/<img|onerror=alert\(1\)>/);
    expect(page).toContain('&lt;/details&gt;&lt;img src=x onerror=alert(1)&gt;@everyone ::error::x');
  });

  test('shows a waived failure, the change of the policy and a calibration', async () => {
    const page = await renderPage([sampleWaived(), { ...sampleCalibration(), name: 'calibration' }]);
    const { text } = parse(page);
    expect(text).toContain('This pull request changes the policy that judges it');
    expect(page).toContain('<span class="added">+  - {name: roc_auc, min_absolute_change: -0.2}</span>');
    expect(text).toContain('worse, waived');
    expect(text).toContain('counts no more');
    expect(text).toContain('How often an equal model is refused');
    expect(text).toContain('2.1 % (95 % interval 1.4 to 3.2 %)');
    expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
    const hostile = await renderPage([
      sampleWaived(HOSTILE_TEXT),
      { ...sampleCalibration(HOSTILE_TEXT), name: 'calibration' },
    ]);
    parse(hostile);
    expect(hostile).not.toMatch(/<img/);
  });

  test('is the same for the same records and exists without any', async () => {
    expect(await renderPage(sampleRecords())).toBe(await renderPage(sampleRecords().reverse()));
    expect(await renderPage([])).toContain('There are no records yet.');
  });

  test('draws records with nothing in them', async () => {
    const bare = sampleRecords().map((record) => {
      if (record.kind === 'Evaluation') {
        const none = { roc: [], precisionRecall: [], calibration: [], histogram: [] };
        const challenger = { ...none, operatingPoint: null, expectedCalibrationError: null };
        return {
          ...record,
          metrics: [],
          slices: [],
          curves: { champion: challenger, challenger },
          confusion: { labels: ['a'], champion: [[0]], challenger: [[0]] },
          fairnessGroups: record.fairnessGroups.map((group) => ({
            ...group,
            champion: null,
            challenger: null,
          })),
          weakSlices: { loss: 'wrong labels', features: ['hour'], found: [] },
          load: { ...record.load!, champion: null, challenger: { requests: 0, errors: 0, quantiles: [] } },
          attributions: [],
        };
      }
      if (record.kind === 'Deployment')
        return { ...record, looks: [], limits: null, traffic: null, champion: null };
      if (record.kind === 'DriftCheck') return { ...record, chunks: [], columns: [], performance: [] };
      if (record.kind === 'DataProfile') return { ...record, columns: [] };
      return record;
    });
    const page = await renderPage(bare);
    parse(page);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});

/** WCAG 2.2: relative luminance and contrast of two colours `#rgb` or `#rrggbb`. */
function contrast(first: string, second: string): number {
  const luminance = (colour: string) => {
    const hex =
      colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit).join('') : colour.slice(1);
    const [r, g, b] = [0, 2, 4].map((at) => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high, low] = [luminance(first), luminance(second)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test('every colour of text has a contrast of 4.5 and more in light, dark and print', () => {
  const schemes = [...STYLE.matchAll(/:root\{([^}]*)\}/g)].map(([, rules]) => {
    return Object.fromEntries(
      [...rules!.matchAll(/--(\w+):(#[0-9a-f]+)/g)].map(([, name, colour]) => [name!, colour!]),
    );
  });
  expect(schemes).toHaveLength(3);
  for (const scheme of schemes) {
    for (const tint of ['broken', 'unsure', 'lower', 'gain'])
      expect(contrast(scheme.ink!, scheme[tint]!), `ink on ${tint}`).toBeGreaterThanOrEqual(4.5);
    for (const name of ['ink', 'soft', 'champion', 'challenger', 'bad', 'good', 'plain']) {
      expect(contrast(scheme[name]!, scheme.paper!), `${name} on ${scheme.paper}`).toBeGreaterThanOrEqual(
        4.5,
      );
      if (scheme.band)
        expect(contrast(scheme[name]!, scheme.band), `${name} on the band`).toBeGreaterThanOrEqual(4);
    }
  }
});
