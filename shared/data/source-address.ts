/** What an input names as data: a place on this machine, or an address elsewhere. Nothing is opened here. */
import { UserError } from '../errors.ts';

export type SourceKind = 'file' | 'https' | 's3' | 'postgresql' | 'sqlite';

const SCHEMES: readonly [RegExp, SourceKind][] = [
  [/^https?:\/\//i, 'https'],
  [/^s3:\/\//i, 's3'],
  [/^postgres(?:ql)?:\/\//i, 'postgresql'],
  [/^sqlite:/i, 'sqlite'],
];

/** @throws UserError for an address of a scheme that cannot be read. */
export function sourceKind(given: string): SourceKind {
  const found = SCHEMES.find(([scheme]) => scheme.test(given));
  if (found) return found[1];
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(given) ?? [];
  if (scheme === undefined) return 'file';
  throw new UserError(`Data cannot be read from ${scheme}:// addresses.`, {
    fix: 'Give files, or an address that begins with https://, s3://, postgresql:// or sqlite:.',
  });
}

/**
 * An address as it may stand in records, logs and messages: without user and password, and of a web address without
 * the query, where signatures are. A path stays as it is.
 */
export function publicName(given: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(given) ?? [];
  if (scheme === '') return given;
  const isDatabase = /^postgres/i.test(scheme);
  // A password that is not written as it should be may hold any of the marks.
  const safe = isDatabase ? rest.slice(rest.lastIndexOf('@') + 1) : rest;
  const [place = '', fragment] = isDatabase ? splitOnce(safe, '#') : [safe.split('#')[0]];
  const bare = /^s3:/i.test(scheme) ? place : (place.split('?')[0] ?? '');
  const slash = bare.indexOf('/');
  const authority = slash === -1 ? bare : bare.slice(0, slash);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const path = slash === -1 ? '' : bare.slice(slash);
  return `${scheme}${host}${path}${fragment === undefined ? '' : `#${fragment}`}`;
}

/** The sources of an input in one line, as a record names them. */
export const publicNames = (given: readonly string[]): string => given.map(publicName).join(', ');

/** `a#b` at the first mark; the second part is undefined where there is none. */
export function splitOnce(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}
