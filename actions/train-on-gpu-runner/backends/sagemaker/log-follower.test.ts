import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AwsError } from '../../../../shared/aws/aws-error.ts';
import { LogFollower } from './log-follower.ts';
import type { LogPage, TrainingService } from './service.ts';

interface Event {
  timestamp: number;
  message: string;
}

const refused = (code: string) => new AwsError(code, { fix: '', cause: new Error(code), code, said: code });

/** A log whose pages hold two events, and whose tokens are good until they are said to be old. */
function fakeLog(streams: Record<string, Event[]>, isThrottled: () => boolean) {
  let generation = 0;
  const service = {
    logStreams: async () => Object.keys(streams),
    async logEvents(
      _job: string,
      stream: string,
      from: { token: string } | { since: number },
    ): Promise<LogPage> {
      if (isThrottled()) throw refused('ThrottlingException');
      const events = streams[stream]!;
      let start: number;
      if ('token' in from) {
        const [of, at] = from.token.split('/').map(Number);
        if (of !== generation) throw refused('InvalidParameterException');
        start = at!;
      } else {
        const found = events.findIndex(({ timestamp }) => timestamp >= from.since);
        start = found < 0 ? events.length : found;
      }
      const page = events.slice(start, start + 2);
      return { events: page, next: `${generation}/${start + page.length}` };
    },
  };
  return { service: service as unknown as TrainingService, age: () => generation++ };
}

test('each line comes once and in order, whatever is refused, late or too old', async () => {
  const act = fc.oneof(
    fc.record({
      add: fc.array(fc.nat({ max: 1 }), { maxLength: 4 }),
      stream: fc.constantFrom('j/algo-1-1', 'j/algo-1-2'),
    }),
    fc.constant('age' as const),
    fc.constant('throttle' as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 20 }), async (acts) => {
      const streams: Record<string, Event[]> = {};
      const written: Record<string, string[]> = {};
      let throttled = 0;
      const lines: string[] = [];
      const { service, age } = fakeLog(streams, () => throttled > 0 && throttled-- % 2 === 1);
      const follower = new LogFollower(service, 'j', (line) => lines.push(line));
      let count = 0;
      for (const step of acts) {
        if (step === 'age') age();
        else if (step === 'throttle') throttled = 3;
        else {
          streams[step.stream] ??= [];
          written[step.stream] ??= [];
          const events = streams[step.stream]!;
          for (const later of step.add) {
            const message = `${step.stream} ${count++}`;
            events.push({ timestamp: (events.at(-1)?.timestamp ?? 1) + later, message });
            written[step.stream]!.push(message);
          }
        }
        await follower.read().catch((error) => expect(error).toMatchObject({ code: 'ThrottlingException' }));
      }
      throttled = 0;
      await follower.read();
      for (const [stream, messages] of Object.entries(written))
        expect(lines.filter((line) => line.startsWith(`${stream} `))).toEqual(messages);
      expect(lines).toHaveLength(count);
    }),
    { numRuns: 1000 },
  );
});

test('of several machines the lines of the others say whose they are, and a progress bar is its last state', async () => {
  const streams = {
    'j/algo-1-1': [{ timestamp: 1, message: '10 %\r50 %\r100 %' }],
    'j/algo-2-1': [{ timestamp: 1, message: 'a\nb' }],
  };
  const lines: (string | undefined)[][] = [];
  const { service } = fakeLog(streams, () => false);
  expect(await new LogFollower(service, 'j', (...line) => lines.push(line)).read()).toBe(2);
  expect(lines).toEqual([
    ['100 %', undefined],
    ['a', 'algo-2'],
    ['b', 'algo-2'],
  ]);
});
