import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { everyInterval } from './rate.ts';
import { terminalLog } from './terminal-log.ts';

function log() {
  const stream = new PassThrough();
  return { log: terminalLog(stream, { debug: false }), shown: () => String(stream.read() ?? '') };
}

describe('the log of a terminal', () => {
  test('a masked text is never shown', () => {
    const { log: target, shown } = log();
    target.mask('s3cret');
    target.mask('');
    target.error('token s3cret was refused', { file: 's3cret.yaml' });
    const text = shown();
    expect(text).toContain('was refused');
    expect(text).not.toContain('s3cret');
  });

  test('escape sequences of data do not reach the terminal', () => {
    const { log: target, shown } = log();
    target.info('a\u001b[31mb\u0007c\u009bd\r\ne');
    expect(shown()).toBe('a\\x1b[31mb\\x07c\\x9bd\ne\n');
  });
});

test('of many calls one per interval is shown', () => {
  let time = 0;
  const shown: string[] = [];
  const show = everyInterval(
    1000,
    (message) => shown.push(message),
    () => time,
  );
  for (; time < 2500; time += 100) show(String(time));
  expect(shown).toEqual(['0', '1000', '2000']);
});
