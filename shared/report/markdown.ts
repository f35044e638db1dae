/**
 * Markdown that no text can break out of.
 *
 * There are two kinds of text here. A `string` is plain text: it may come from a data file, a policy or a
 * branch name, and is escaped when it is put into Markdown. A `Markdown` value has been built by the functions
 * of this file and is taken as it is. `md` joins the two:
 *
 *     md`**${metricName}** on ${code(digest)}`   // metricName is escaped, the code span is not escaped twice
 *
 * so forgetting to escape is not something that can happen. Where GitHub would act on text after rendering
 * (mentions, issue numbers, addresses) a zero-width space stands in between, since an entity would be decoded
 * before GitHub looks.
 */

/** A piece of Markdown that is safe to show. Made by `md`, `table`, `code` and their like, never from input. */
export class Markdown {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a sentence or a table cell: plain text and numbers are escaped, Markdown is kept. */
export type Inline = string | number | Markdown;
export type Alignment = 'left' | 'right' | 'center';

const ZERO_WIDTH_SPACE = '&#8203;';

/** Drops what is invisible or turns the direction of text, and makes one line of several. */
function oneLine(text: string): string {
  return text
    .replace(/[\r\n\t\v\f\u0085\u2028\u2029]+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]/g, '\ufffd')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .trim();
}

/** Keeps GitHub from linking people, issues and addresses; `text` is already escaped for its place. */
function withoutAutolinks(text: string): string {
  return text
    .replace(/@/g, `@${ZERO_WIDTH_SPACE}`)
    .replace(/(?<!&)#(?=\w)/g, `#${ZERO_WIDTH_SPACE}`)
    .replace(/\b(gh)-(?=\d)/gi, `$1-${ZERO_WIDTH_SPACE}`)
    .replace(/:\/\//g, `:${ZERO_WIDTH_SPACE}//`)
    .replace(/(www)\./gi, `$1${ZERO_WIDTH_SPACE}.`)
    .replace(/(mailto|xmpp):/gi, `$1${ZERO_WIDTH_SPACE}:`)
    .replace(/::/g, '&#58;&#58;');
}

/** Plain text for inside HTML (`<summary>`, `<code>`, an attribute in double quotes). One line. */
export function escapeHtml(text: string): string {
  const escaped = oneLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
  return withoutAutolinks(escaped);
}

/**
 * Plain text as Markdown that shows exactly that text: one line, no formatting, no HTML, no mention, no link,
 * no workflow command, nothing that ends a table cell.
 */
export function escapeMarkdown(text: string): Markdown {
  const escaped = oneLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*[\]~]/g, '\\$&')
    .replace(/\|/g, '&#124;')
    .replace(/\$/g, '&#36;')
    // An underscore between letters or digits is literal in GitHub's Markdown, and `roc_auc` stays readable.
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
    .replace(/(?<!&)#(?!\w)/g, '\\#')
    // At the start of a line these would make a heading, a list or a rule.
    .replace(/^(?:-(?=[\s-]|$)|=(?=[\s=]|$)|\+(?=\s|$))/, '\\$&')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');
  return new Markdown(withoutAutolinks(escaped));
}

/** Marks text that the program itself wrote as Markdown. Never for text from outside: use `md`. */
export function trustedMarkdown(text: string): Markdown {
  return new Markdown(text);
}

function inline(value: Inline): string {
  if (value instanceof Markdown) return value.text;
  return escapeMarkdown(String(value)).text;
}

/** A template whose values are escaped unless they are Markdown already. */
export function md(strings: TemplateStringsArray, ...values: Inline[]): Markdown {
  return new Markdown(strings.reduce((text, part, index) => text + inline(values[index - 1]!) + part));
}

/** Joins pieces with a separator that is itself Markdown; empty pieces are left out. */
export function joinMarkdown(parts: readonly Inline[], separator = ' '): Markdown {
  return new Markdown(
    parts
      .map(inline)
      .filter((part) => part !== '')
      .join(separator),
  );
}

/** Blocks (paragraphs, tables, folded parts) one under another. */
export function blocks(...parts: Inline[]): Markdown {
  return joinMarkdown(parts, '\n\n');
}

export function bold(value: Inline): Markdown {
  return new Markdown(`**${inline(value)}**`);
}

/**
 * All but letters, digits, spaces and hyphens as entities. An address of e-mail is kept from being linked; any other
 * @ stays as it is, so that what people copy, such as the URI of a version, has no character that they cannot see.
 */
function everyCharacterAsEntity(text: string): string {
  return text.replace(/[^A-Za-z0-9 \u0080-\u{10ffff}-]/gu, (c, at) => {
    const isAddress = c === '@' && /^@[\w-]*\./.test(text.slice(at));
    return `&#${c.codePointAt(0)};${isAddress ? ZERO_WIDTH_SPACE : ''}`;
  });
}

/** A code span. Text that could act outside a plain span is written with entities inside `<code>`. */
export function code(text: string): Markdown {
  const line = oneLine(text);
  if (line === '') return new Markdown('');
  if (!/[`|<>&@]|::|##/.test(line)) return new Markdown(`\`${line}\``);
  return new Markdown(`<code>${everyCharacterAsEntity(line)}</code>`);
}

/** A block of code, of several lines, in which nothing is formatted. */
export function codeBlock(text: string, language = ''): Markdown {
  const lines = text.split(/\r\n|[\r\n\u2028\u2029]/).map((line) => {
    return line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
  });
  const body = lines.join('\n');
  if (!/```|~~~|^\s*::|##\[/m.test(body)) return new Markdown(`\`\`\`${language}\n${body}\n\`\`\``);
  // Everything but letters, digits and spaces is an entity, so neither Markdown nor the runner sees a command.
  return new Markdown(`<pre>${everyCharacterAsEntity(body)}</pre>`);
}

/** A link; an address that is not http(s) is shown as plain text only. */
export function link(text: Inline, url: string): Markdown {
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    return new Markdown(inline(text));
  }
  if (address.protocol !== 'https:' && address.protocol !== 'http:') return new Markdown(inline(text));
  const target = address.href.replace(/[()<>\\|`*_@[\]'"$~]/g, (c) => {
    return `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return new Markdown(`[${inline(text)}](${target})`);
}

export function list(items: readonly Inline[]): Markdown {
  return new Markdown(items.map((item) => `- ${inline(item).replace(/\s*\n\s*/g, ' ')}`).join('\n'));
}

/** A cell stays one line and one cell, whatever Markdown it was given. */
function cell(value: Inline): string {
  return inline(value)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/(?<!\\)((?:\\\\)*)\|/g, '$1\\|');
}

const ALIGNMENT_RULES: Record<Alignment, string> = { left: '---', right: '--:', center: ':-:' };

/**
 * A table. Short rows are filled, long ones are an error of the caller.
 * @throws {RangeError} a row with more cells than the header
 */
export function table(
  header: readonly Inline[],
  rows: readonly (readonly Inline[])[],
  align: readonly Alignment[] = [],
): Markdown {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = [
    line(header.map(cell)),
    `|${header.map((_, column) => ALIGNMENT_RULES[align[column] ?? 'left']).join('|')}|`,
    ...rows.map((row) => {
      if (row.length > header.length) {
        throw new RangeError(`a row of ${row.length} cells under a header of ${header.length}`);
      }
      return line(header.map((_, column) => cell(row[column] ?? '')));
    }),
  ];
  return new Markdown(lines.join('\n'));
}

/** A folded part; the title is plain text. The blank lines make GitHub read the body as Markdown. */
export function details(title: string, body: Inline): Markdown {
  return new Markdown(`<details><summary>${escapeHtml(title)}</summary>\n\n${inline(body)}\n\n</details>`);
}

export {
  formatBytes,
  formatDuration,
  formatInterval,
  formatNumber,
  formatShare,
  formatSigned,
  formatValueInterval,
  shortDigest,
  verdictLabel,
  verdictSymbol,
} from './numbers.ts';
