/** What the sections of the page have in common. */
import type { AnyRecord } from '../../records/kinds.ts';
import { type ShownVerdict, shortDigest, verdictWord, withShortDigests } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from './html.ts';

/** Signs that every font has: emoji are missing on many machines without a desktop. */
const MARKS: Record<ShownVerdict, string> = {
  pass: '✓',
  warn: '!',
  fail: '✗',
  inconclusive: '◐',
  error: '⊘',
  missing: '–',
  not_judged: '–',
  not_run: '–',
};

export function verdictMark(verdict: ShownVerdict): Html {
  return html`<span class="verdict ${verdict}">${MARKS[verdict]} ${verdictWord(verdict)}</span>`;
}

export function digestCode(digest: string | null | undefined): Html {
  return digest ? html`<code class="nowrap" title="${digest}">${shortDigest(digest)}</code>` : html`–`;
}

/** An address with its digest cut short; the whole of it is shown when pointed at. */
export function addressCode(uri: string): Html {
  return html`<code title="${uri}">${withShortDigests(uri)}</code>`;
}

/** `24 Nov 2026, 23:05 UTC`. */
export function dateText(instant: string): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return instant;
  const day = date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
  return `${day}, ${time} UTC`;
}

/** What a record was made from, folded, and when and where, in small print. */
export function originLine(record: AnyRecord): Html {
  const { commit, runUrl, repository } = record.source;
  const known = [repository, commit ? `commit ${commit.slice(0, 12)}` : null, runUrl].filter(
    (part) => part !== null,
  );
  const inputs = record.inputs.map((input) => [
    input.role.replaceAll('-', ' '),
    html`<code>${withShortDigests(input.name)}</code>`,
    digestCode(input.digest),
  ]);
  return html`${inputs.length > 0 ? folded(`Made from ${inputs.length === 1 ? 'one input' : `${inputs.length} inputs`}`, htmlTable('Inputs', ['role', 'name', 'digest'], inputs)) : undefined}<p class="soft">${dateText(record.createdAt)}${known.map((part) => html` · ${part}`)}</p>`;
}

export function noteList(notes: readonly string[]): Html {
  return notes.length === 0 ? html`` : html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`;
}
