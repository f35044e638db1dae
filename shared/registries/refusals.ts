import { UserError } from '../errors.ts';
import { isAliasTag } from './alias.ts';
import { formatRegistry, type ModelLocation } from './model-uri.ts';

/** What every store refuses in the same words. */

/** The error for what is not in the registry. */
export function missing(what: string, location?: ModelLocation): UserError {
  const where = location ? ` in ${formatRegistry(location)}/${location.name}` : '';
  return new UserError(`There is no ${what}${where}.`, {
    fix: 'Check the name and the reference, and that nothing was removed from the registry.',
  });
}

/** @throws UserError when an alias points to a version that is to be removed. */
export function refuseAliased(tags: Record<string, string>, digest: string): void {
  const aliases = Object.keys(tags).filter((tag) => tags[tag] === digest && isAliasTag(tag));
  if (aliases.length === 0) return;
  throw new UserError(`The version ${digest} is not removed: ${aliases.sort().join(', ')} points to it.`, {
    fix: 'Move the alias to another version first.',
  });
}
