import { UserError } from '../errors.ts';

/** Names that the stores need for themselves, or that other registries reserve. */
const RESERVED = /^(latest|v\d+|(sha256|version|history)-.*)$/i;
const ALIAS = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/;

/** Whether a tag of an OCI store may be an alias of ours, and is not one the store keeps for itself. */
export function isAliasTag(tag: string): boolean {
  return !/^(sha256|version|history)-/.test(tag);
}

/**
 * Checks a name that a version is to be given: the words must mean the same in every registry.
 * @throws UserError naming what is wrong.
 */
export function checkAlias(alias: string): string {
  if (RESERVED.test(alias)) {
    throw new UserError(`The alias ${JSON.stringify(alias)} is reserved by registries.`, {
      fix: 'Choose another, e.g. champion, challenger or staging.',
    });
  }
  if (!ALIAS.test(alias)) {
    throw new UserError(`${JSON.stringify(alias)} cannot be an alias.`, {
      fix: 'Use letters, digits, _ and -, at most 128 of them.',
    });
  }
  return alias;
}

/** The alias points elsewhere than the job believed: another job was faster. Nothing was changed. */
export class AliasMovedError extends UserError {
  override name = 'AliasMovedError';
  readonly found: string | undefined;

  constructor(alias: string, expected: string | null, found: string | undefined) {
    super(
      `The alias ${alias} points to ${found ?? 'no version'}, not to ${expected ?? 'none'} as expected.`,
      {
        fix: 'Another job moved it meanwhile: look at the version it names now and run again.',
      },
    );
    this.found = found;
  }
}
