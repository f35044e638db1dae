/**
 * The two kinds of failure. A `UserError` is something a person can mend: it says what is wrong, where, and
 * how to mend it, and is shown without a stack. Every other error is a bug of ours and keeps its stack.
 */

export interface ErrorLocation {
  /** Path as the user wrote it. */
  file?: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
  /** The input, key or column that is wrong, e.g. `inputs.timeout` or `schema[0].name`. */
  key?: string;
}

/**
 * A text without the account and password that a URL in it may hold. GitHub masks a secret only where it stands whole,
 * and people write URLs where a path belongs.
 */
const withoutCredentials = (text: string): string => text.replace(/\/\/[^/\s]*@/g, '//***@');

export class UserError extends Error {
  override name = 'UserError';
  readonly where: ErrorLocation;
  readonly fix: string;

  /** @param what one sentence: what is wrong. @param options.fix one sentence: how to mend it. */
  constructor(what: string, options: { where?: ErrorLocation; fix?: string; cause?: unknown } = {}) {
    super(withoutCredentials(what), { cause: options.cause });
    const { where = {} } = options;
    this.where = where.file === undefined ? where : { ...where, file: withoutCredentials(where.file) };
    this.fix = options.fix ?? '';
  }
}

/** `contract.yaml:12:3, key schema[0].name`, or an empty string when nothing is known. */
export function describeLocation(where: ErrorLocation): string {
  const position = [where.file, where.line, where.column].filter((part) => part !== undefined).join(':');
  const key = where.key ? `key ${where.key}` : '';
  return [position, key].filter(Boolean).join(', ');
}

/** The full text for a person: what, where and how to mend it, on one line each. */
export function describeUserError(error: UserError): string {
  const location = describeLocation(error.where);
  return [error.message, location && `Where: ${location}`, error.fix && `How to mend it: ${error.fix}`]
    .filter(Boolean)
    .join('\n');
}

/** `Error: x` → `x`, in one line without its last full stop. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0]!.replace(/\.$/, '');
}
