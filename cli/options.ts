/** Reads the words of the command line. Nothing is guessed: an unknown option is an error. */
import { UserError } from '../shared/errors.ts';
import { ACTION_IDS, type ActionId } from '../shared/records/envelope.ts';
import { nearest } from '../shared/records/nearest.ts';

export interface CommandLineOptions {
  action: ActionId | undefined;
  help: boolean;
  version: boolean;
  format: 'markdown' | 'json';
  /** Another place for the record. */
  record: string | undefined;
  /** By name as in action.yml. */
  inputs: Map<string, string>;
}

const FORMATS = ['markdown', 'json'] as const;

/** @throws UserError for unknown actions, repeated options and options without a value. */
export function parseOptions(words: readonly string[]): CommandLineOptions {
  const options: CommandLineOptions = {
    action: undefined,
    help: false,
    version: false,
    format: 'markdown',
    record: undefined,
    inputs: new Map(),
  };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--help' || word === '-h') options.help = true;
    else if (word === '--version') options.version = true;
    else if (word.startsWith('--')) readOption(word, rest, options);
    else options.action = readAction(word, options.action);
  }
  return options;
}

function readOption(word: string, rest: string[], options: CommandLineOptions): void {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals === -1 ? undefined : equals);
  const value = equals === -1 ? rest.shift() : word.slice(equals + 1);
  if (value === undefined)
    throw new UserError(`The option --${name} needs a value.`, { fix: `Write --${name} VALUE.` });
  if (name === 'format') {
    const format = FORMATS.find((known) => known === value);
    if (!format)
      throw new UserError(`--format ${value} is unknown.`, { fix: `One of: ${FORMATS.join(', ')}.` });
    options.format = format;
  } else if (name === 'record') {
    options.record = value;
  } else if (options.inputs.has(name)) {
    throw new UserError(`The option --${name} is given twice.`, {
      fix: 'Give a list in one value, with commas.',
    });
  } else {
    options.inputs.set(name, value);
  }
}

function readAction(word: string, before: ActionId | undefined): ActionId {
  if (before)
    throw new UserError(`"${word}" stands alone after ${before}.`, { fix: `Write --<input> ${word}.` });
  const action = ACTION_IDS.find((id) => id === word);
  if (action) return action;
  const guess = nearest(word, ACTION_IDS);
  throw new UserError(`There is no action "${word}".`, {
    fix: guess ? `Did you mean "${guess}"?` : `Actions: ${ACTION_IDS.join(', ')}.`,
  });
}
