/** The log of the command line: everything on standard error, secrets replaced. */
import type { Writable } from 'node:stream';
import { describeLocation, type ErrorLocation } from '../errors.ts';
import type { Log } from './definition.ts';
import { everyInterval } from './rate.ts';

const PROGRESS_INTERVAL_MS = 1_000;

/** Escape sequences from data must not move the cursor or recolour a terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f\u0080-\u009f]/g, (character) =>
    character === '\r' ? '' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

export function terminalLog(stream: Writable, options: { debug: boolean }): Log {
  const secrets = new Set<string>();
  const write = (prefix: string, message: string, where: ErrorLocation = {}) => {
    const location = describeLocation(where);
    const place = location && !message.includes('Where: ') ? ` (${location})` : '';
    const hidden = [...secrets].reduce(
      (text, secret) => text.replaceAll(secret, '***'),
      `${message}${place}`,
    );
    stream.write(`${prefix}${printable(hidden)}\n`);
  };
  const info = (message: string) => write('', message);
  return {
    info,
    progress: everyInterval(PROGRESS_INTERVAL_MS, info),
    debug: (message) => options.debug && write('debug: ', message),
    notice: (message, where) => write('note: ', message, where),
    warning: (message, where) => write('warning: ', message, where),
    error: (message, where) => write('error: ', message, where),
    group: async (title, work) => {
      info(title);
      return work();
    },
    mask: (secret) => {
      if (secret.trim() !== '') secrets.add(secret);
    },
  };
}
