/**
 * `report.html`: one file made from all the records in a folder. No request to anywhere and no script; sections in
 * the order of the loop, each with its verdict, the reason in a sentence, charts and tables.
 */
import type { RecordKind } from '../records/envelope.ts';
import type { AnyRecord, RecordOf } from '../records/kinds.ts';
import { type ChartTools, loadChartTools } from './charts/chart.ts';
import { cutText } from './drift-extract.ts';
import { withShortDigests } from './numbers.ts';
import { canaryBody } from './page/canary-section.ts';
import { profileBody, validationBody } from './page/data-section.ts';
import { driftHistory } from './page/drift-history-part.ts';
import { driftBody } from './page/drift-section.ts';
import { gateBody } from './page/gate-section.ts';
import { folded, Html, html } from './page/html.ts';
import { dateText, digestCode, originLine, verdictMark } from './page/parts.ts';
import { versionBody } from './page/registry-section.ts';
import { runnerBody } from './page/runner-section.ts';
import { STYLE } from './page/style.ts';
import { trainingBody } from './page/training-section.ts';

/** The page holds no more bytes than this as long as anything can be folded away or counted instead. */
export const PAGE_LIMIT = 500_000;
/** Records of one kind that have a line; the others are counted. */
const MOST_LINES = 100;

export interface PageOptions {
  /** At most this many records of one kind are shown in full; older ones are one line each. */
  mostInFull?: number;
}

type Body = (tools: ChartTools, record: AnyRecord) => Html | undefined;

/** A body for one kind, undefined for records of others. */
function bodyOf<Kind extends RecordKind>(
  kind: Kind,
  draw: (tools: ChartTools, record: RecordOf<Kind>) => Html,
): Body {
  return (tools, record) => (record.kind === kind ? draw(tools, record as RecordOf<Kind>) : undefined);
}

interface Section {
  kind: RecordKind;
  title: string;
  /** Whose digest the record has; undefined where it is that of no file. */
  subject: string | undefined;
  body: Body;
  /** Whether an older record is worth being seen unfolded beside the newest. */
  open?: (record: AnyRecord) => boolean;
}

/** A deployment that was only stopped must not hide the canary before it. */
const hasTimeline = (record: AnyRecord) => record.kind === 'Deployment' && record.looks.length > 0;

/** One that only looked for orphans must not hide the machine that trained. */
const isLaunch = (record: AnyRecord) => record.kind === 'GpuRunner' && record.operation === 'launch';

const SECTIONS: Section[] = [
  { kind: 'DataValidation', title: 'Data', subject: 'data', body: bodyOf('DataValidation', validationBody) },
  { kind: 'DataProfile', title: 'Data profile', subject: 'data', body: bodyOf('DataProfile', profileBody) },
  {
    kind: 'GpuRunner',
    title: 'Runner',
    subject: undefined,
    body: bodyOf('GpuRunner', runnerBody),
    open: isLaunch,
  },
  { kind: 'TrainingRun', title: 'Training', subject: 'model', body: bodyOf('TrainingRun', trainingBody) },
  { kind: 'Evaluation', title: 'Gate', subject: 'model', body: bodyOf('Evaluation', gateBody) },
  { kind: 'ModelVersion', title: 'Registry', subject: 'model', body: bodyOf('ModelVersion', versionBody) },
  {
    kind: 'Deployment',
    title: 'Canary',
    subject: 'model',
    body: bodyOf('Deployment', canaryBody),
    open: hasTimeline,
  },
  { kind: 'DriftCheck', title: 'Drift', subject: 'data', body: bodyOf('DriftCheck', driftBody) },
];

/** The page as one HTML text. The same records give the same page. */
export async function renderPage(records: readonly AnyRecord[], options: PageOptions = {}): Promise<string> {
  const tools = await loadChartTools();
  let page = '';
  for (let most = options.mostInFull ?? 4; most > 0; most--) {
    page = pageOf(tools, records, most);
    if (Buffer.byteLength(page) <= PAGE_LIMIT) break;
  }
  return page;
}

/** @param mostInFull so many records of one kind are shown in full. */
function pageOf(tools: ChartTools, records: readonly AnyRecord[], mostInFull: number): string {
  const names = [...new Set(records.map((record) => record.name))].sort();
  const newest = [...records].sort(byDate)[0];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${names.join(', ') || 'No models'}: model report</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<h1>Model report</h1>
<p class="soft">${newest ? `Newest record of ${dateText(newest.createdAt)}` : 'There are no records yet.'}</p>
${contents(names, records)}
</header>
<main>
${names.map((name) =>
  modelPart(
    tools,
    name,
    records.filter((record) => record.name === name),
    mostInFull,
  ),
)}
</main>
</body>
</html>
`;
  return page.text;
}

function byDate(a: AnyRecord, b: AnyRecord): number {
  return a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0;
}

function newestFirst(records: readonly AnyRecord[], kind: RecordKind): AnyRecord[] {
  return records.filter((record) => record.kind === kind).sort(byDate);
}

function anchor(name: string, kind: RecordKind): string {
  return `${kind.toLowerCase()}-of-${name}`;
}

function contents(names: readonly string[], records: readonly AnyRecord[]): Html {
  const links = names.map((name) => {
    const ofName = records.filter((record) => record.name === name);
    const present = SECTIONS.filter(({ kind }) => newestFirst(ofName, kind).length > 0);
    return html`<ul aria-label="${name}"><li><a href="#model-${name}"><strong>${name}</strong></a></li>${present.map(
      ({ kind, title }) =>
        html`<li><a href="#${anchor(name, kind)}">${title}</a> ${verdictMark(newestFirst(ofName, kind)[0]!.verdict)}</li>`,
    )}</ul>`;
  });
  return html`<nav aria-label="Contents">${links}</nav>`;
}

function modelPart(tools: ChartTools, name: string, records: readonly AnyRecord[], mostInFull: number): Html {
  const sections = SECTIONS.map(({ kind, title, subject, body, open }) => {
    const [latest, ...earlier] = newestFirst(records, kind);
    if (!latest) return undefined;
    const full = earlier.slice(0, mostInFull - 1);
    const brief = earlier.slice(mostInFull - 1);
    const more = brief.length - MOST_LINES;
    return html`<section aria-labelledby="model-${name} ${anchor(name, kind)}">
<h3 id="${anchor(name, kind)}">${title}</h3>
${recordPart(tools, latest, subject, body)}${kind === 'DriftCheck' ? driftHistory(records) : undefined}
${full.map((record) => folded(summaryLine(record, subject), withoutHead(tools, record, body), open?.(record)))}
${brief.length > 0 ? folded(`${brief.length} earlier`, html`<ul>${brief.slice(0, MOST_LINES).map((record) => html`<li>${summaryLine(record, subject)}</li>`)}${more > 0 ? html`<li>${more} more</li>` : undefined}</ul>`) : undefined}
</section>
`;
  });
  return html`<article aria-labelledby="model-${name}">
<h2 id="model-${name}">${name}</h2>
${sections}</article>
`;
}

/** A reason that names a thousand columns is told in full by the record. */
const reasonOf = (record: AnyRecord, most: number): string => cutText(withShortDigests(record.reason), most);

function summaryLine(record: AnyRecord, subject: string | undefined): Html {
  const what = subject === undefined ? undefined : html`${subject} ${digestCode(record.subject.digest)} · `;
  return html`${verdictMark(record.verdict)} ${what}${dateText(record.createdAt)} · ${reasonOf(record, 200)}`;
}

function recordPart(tools: ChartTools, record: AnyRecord, subject: string | undefined, body: Body): Html {
  return html`<p>${verdictMark(record.verdict)} ${reasonOf(record, 1000)}</p>
${subject === undefined ? undefined : html`<p class="soft">${subject} ${digestCode(record.subject.digest)}</p>`}
${withoutHead(tools, record, body)}`;
}

/** An earlier record stands under its line, which has its verdict and reason already. */
function withoutHead(tools: ChartTools, record: AnyRecord, body: Body): Html {
  return html`${body(tools, record)}
${originLine(record)}`;
}
