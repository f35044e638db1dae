/**
 * A glob as a regular expression for the whole of a key: `*` and `?` stay within a folder, `**` does not, `{a,b}` is
 * one of several, `[a-c]` and `[!a]` are sets.
 */
export function globPattern(glob: string): RegExp {
  let pattern = '';
  let depth = 0;
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at]!;
    const set = character === '[' ? /^\[([!^]?)([^\]/]+)\]/.exec(glob.slice(at)) : null;
    if (set) {
      pattern += `[${set[1] ? '^' : ''}${set[2]!.replace(/[\\^[\]]/g, '\\$&')}]`;
      at += set[0].length - 1;
    } else if (glob.startsWith('**/', at)) {
      pattern += '(?:.*/)?';
      at += 2;
    } else if (glob.startsWith('**', at)) {
      pattern += '.*';
      at += 1;
    } else if (character === '*') pattern += '[^/]*';
    else if (character === '?') pattern += '[^/]';
    else if (character === '{') {
      pattern += '(?:';
      depth += 1;
    } else if (character === '}' && depth > 0) {
      pattern += ')';
      depth -= 1;
    } else pattern += character === ',' && depth > 0 ? '|' : character.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
  return new RegExp(`^${pattern}${')'.repeat(depth)}$`, 's');
}

/** What every match begins with: the text before the first character of a glob. */
export const literalBeginning = (glob: string): string => /^[^*?[{]*/.exec(glob)?.[0] ?? '';

export const isGlob = (text: string): boolean => /[*?[{]/.test(text);
