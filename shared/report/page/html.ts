/**
 * HTML that no text can break out of, by the same rule as Markdown here: strings are plain text and escaped, `Html`
 * values come from `html` and are kept. SVG is written the same way.
 */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type HtmlPart = string | number | Html | readonly HtmlPart[] | null | undefined;

/** Plain text for between tags and in double-quoted attributes; characters that XML forbids are replaced. */
export function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g,
      '\ufffd',
    )
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

function render(part: HtmlPart): string {
  if (part === undefined || part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  return part.map(render).join('');
}

/** A template whose values are escaped unless they are Html; lists are joined, null and undefined are nothing. */
export function html(strings: TemplateStringsArray, ...values: HtmlPart[]): Html {
  return new Html(strings.reduce((text, part, index) => text + render(values[index - 1]) + part));
}

/** The style of numeric columns reaches this far; a class on each cell would be a fifth of the page. */
export const MOST_NUMERIC_COLUMNS = 30;

/** A table in a box of its own that scrolls sideways when it must. Numeric columns (from 0) are set to the right. */
export function htmlTable(
  caption: string,
  header: readonly HtmlPart[],
  rows: readonly (readonly HtmlPart[])[],
  numeric: readonly number[] = [],
): Html {
  const right = numeric.map((column) => `right-${column + 1}`).join(' ');
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table${right ? html` class="${right}"` : undefined}><caption>${caption}</caption>
<thead><tr>${header.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody></table></div>`;
}

/** A folded part. */
export function folded(title: HtmlPart, body: HtmlPart, open = false): Html {
  return html`<details${open ? html` open` : undefined}><summary>${title}</summary>${body}</details>`;
}
