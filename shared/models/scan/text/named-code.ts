import type { Place, Report } from '../finding.ts';
import { isKnownTag, isKnownTarget } from '../loaders/targets.ts';
import { configuredCalls, mayConfigureCalls } from './configured-calls.ts';
import { withLineFeeds } from './line-ends.ts';
import { reportOnce } from './once.ts';
import { replaceEach } from './replace-each.ts';
import { placesOf, type TargetPlace } from './target-places.ts';

/** In bytes: what is looked at together, and how much of it again with what follows. */
const WINDOW = 1 << 20;
const OVERLAP = 1 << 12;
/** A character may be written in so many bytes and more. */
const SHORTEST = 16;

/** What nobody loads as a configuration, though it may tell of one. */
const DOCUMENT =
  /\.(?:md|markdown|rst|tex|html?|ipynb|pyi?|sh|c|cc|cpp|cu|h|hpp|js|ts|java|rs|go|log|out|txt|csv|tsv)$|^(?:README|LICENSE|NOTICE|CHANGELOG|MODEL_CARD)[^/\\]*$/i;

/** A letter of `_target_` by its number: nobody writes one so but to hide the word. Or a line that goes on. */
const HIDDEN = /\\(?:(?:x|u00|U000000)(?:5[fF]|7[42]|6[157])|\r|\n|\xc2\x85|\xe2\x80[\xa8\xa9])/;
const ESCAPE = /\\(?:\\|x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|\n[ \t]*)/g;

const TAG = /python\/|%TAG|![^\s%!]*%[\dA-Fa-f]{2}/;
const PYTHON_TAG = /[!:]python\/(name|module|object(?:\/new|\/apply)?):([\p{L}\p{N}_.]+)/gu;
/** A name for the beginning of tags of Python, which then are not written out. */
const PYTHON_PREFIX = /^\ufeff?%TAG\s.*2002:p/m;

/** MONAI looks for a name without a dot in all its modules, functions among them; YAML has words of its own. */
const OF_MONAI = /^(?!(?:null|none|true|false|yes|no|on|off)$)[a-z_]\w*$/;
const DOTTED = /^[^\s.\\]+(?:\.[^\s.\\]+)+$/;

const unescaped = (text: string): string =>
  replaceEach(text, ESCAPE, ([written, ...codes]) => {
    if (written === '\\\\') return written;
    const digits = codes.find((code) => code !== undefined);
    if (digits === undefined) return '';
    const code = Number.parseInt(digits, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : written;
  });

const percentDecoded = (text: string): string =>
  replaceEach(text, /%([\dA-Fa-f]{2})/g, ([, digits]) => String.fromCharCode(Number.parseInt(digits!, 16)));

/**
 * Finds what a configuration names that its loader imports and calls: `_target_`, of which Hydra makes objects, and the
 * tags of PyYAML for Python. The text may be JSON or YAML. It is not parsed, which takes seconds for a megabyte: every
 * place is looked at that can be such a key in any spelling that YAML has, whatever else it may turn out to be.
 */
export class NamedCode {
  readonly #report: Report;
  #isJson: boolean;
  readonly #isLookedAt: boolean;
  #parts: Buffer[] = [];
  #length = 0;
  /** Under another name, the key can come long after. */
  #hasKey = false;
  #isFirst = true;

  /**
   * @param file where the text lies; absent: it is a text in another format.
   * @param isJson where it is known to be JSON, in which keys and values stand in quotes and nothing else.
   */
  constructor(report: Report, file?: Place, isJson = false) {
    this.#report = reportOnce(report);
    this.#isJson = isJson;
    this.#isLookedAt = file === undefined || !DOCUMENT.test(file.members.at(-1) ?? file.file);
  }

  /** What comes next of the text, in UTF-8. */
  push(bytes: Uint8Array): void {
    if (!this.#isLookedAt) return;
    this.#parts.push(Buffer.from(bytes));
    this.#length += bytes.length;
    if (this.#length < WINDOW) return;
    const window = Buffer.concat(this.#parts);
    this.#look(window, false);
    this.#isFirst = false;
    this.#parts = [window.subarray(window.length - OVERLAP)];
    this.#length = OVERLAP;
  }

  /** What was taken for JSON is none: the rest, and what is still at hand, may be YAML. */
  continueAsYaml(): void {
    this.#isJson = false;
  }

  /** No more comes. */
  finish(): void {
    this.#look(Buffer.concat(this.#parts), true);
  }

  #look(bytes: Buffer, isLast: boolean): void {
    const hasEscape = bytes.includes(0x5c);
    const isHidden = hasEscape && HIDDEN.test(bytes.toString('latin1'));
    const hasTag = !this.#isJson && bytes.includes(0x21) && TAG.test(bytes.toString('latin1'));
    this.#hasKey ||= isHidden || bytes.includes('_target_');
    const mayCall = mayConfigureCalls(bytes);
    if (!this.#hasKey && !hasTag && !mayCall) return;
    const lines = withLineFeeds(bytes.toString('utf8'));
    // A comment may end with a backslash, at which only a text in quotes goes on.
    for (const text of hasEscape ? [lines, unescaped(lines)] : [lines]) {
      if (this.#hasKey) this.#targets(text, isLast);
      if (mayCall)
        for (const problem of configuredCalls(text, this.#hasKey)) this.#report({ ...problem, offset: null });
    }
    if (hasTag) this.#tags(percentDecoded(lines));
  }

  #targets(text: string, isLast: boolean): void {
    const end = isLast ? undefined : text.length - OVERLAP / SHORTEST;
    const isWhole = isLast && this.#isFirst;
    for (const place of placesOf(text, { isJson: this.#isJson, end, isWhole })) this.#target(place);
  }

  #target({ name, isElsewhere }: TargetPlace): void {
    const shown = name.slice(0, 200);
    if (isElsewhere) {
      const what = `What \`${shown}\` stands for is imported and called, and cannot be told.`;
      this.#report({ rule: 'named-code', offset: null, what });
    } else if (name.includes('${')) {
      const what = `\`${shown}\`, which the loader puts together, is imported and called, as \`_target_\` says.`;
      this.#report({ rule: 'named-code', offset: null, what, name });
    } else if ((DOTTED.test(name) || OF_MONAI.test(name)) && !isKnownTarget(name)) {
      const what = `\`${shown}\` is imported and called, as \`_target_\` says.`;
      this.#report({ rule: 'named-code', offset: null, what, name });
    }
  }

  #tags(text: string): void {
    if (PYTHON_PREFIX.test(text)) {
      const what = 'The tags of YAML for Python are given another name, by which they cannot be told.';
      this.#report({ rule: 'named-code', offset: null, what });
    }
    for (const [, kind, named] of text.matchAll(PYTHON_TAG)) {
      const isImport = kind === 'name' || kind === 'module';
      // As PyYAML looks for it.
      const name = named!.includes('.') || kind === 'module' ? named! : `builtins.${named}`;
      if (kind !== 'module' && isKnownTag(name, kind!)) continue;
      const how = isImport ? 'imported' : 'imported and called';
      const what = `\`${name.slice(0, 200)}\` is ${how}, as a tag of YAML for Python says.`;
      this.#report({ rule: 'named-code', offset: null, what, name });
    }
  }
}

/** As `NamedCode`, of a text that another format holds. */
export function findNamedCode(text: string, report: Report): void {
  const named = new NamedCode(report);
  named.push(Buffer.from(text));
  named.finish();
}
