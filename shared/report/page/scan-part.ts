/** The safety scan of a model's files on the page. */
import type { AppliedScan } from '../../records/model-scan.ts';
import { type FindingWords, scanFindings, scanRest } from '../scan.ts';
import { folded, type Html, html, htmlTable } from './html.ts';

/** So many findings are shown openly. */
const MOST_OPEN = 5;

/** Nothing where nothing was found. */
export function scanPart(scan: AppliedScan | undefined): Html | undefined {
  if (!scan?.result) return undefined;
  const { open, allowed } = scanFindings(scan);
  const rest = scanRest(scan);
  const found = html`${findingTable(open)}${rest === '' ? undefined : html`<p class="soft">${rest}</p>`}`;
  const shown = open.length > MOST_OPEN ? folded('Safety scan of the files', found) : found;
  return html`${open.length === 0 ? undefined : shown}${allowed.length === 0 ? undefined : allowedTable(allowed)}`;
}

function findingTable(findings: readonly FindingWords[]): Html {
  return htmlTable(
    'Found by the safety scan',
    ['where', 'at byte', 'what', 'why', 'how to mend'],
    findings.map(({ place, offset, what, why, mend }) => [
      html`<code>${place}</code>`,
      offset,
      what,
      why,
      mend,
    ]),
    [1],
  );
}

function allowedTable(findings: readonly FindingWords[]): Html {
  return htmlTable(
    'Let through by scan-allow',
    ['where', 'what', 'because'],
    findings.map(({ place, what, allowed }) => [html`<code>${place}</code>`, what, allowed]),
  );
}
