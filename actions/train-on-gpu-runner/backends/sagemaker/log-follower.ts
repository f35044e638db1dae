import { AwsError } from '../../../../shared/aws/aws-error.ts';
import { LineSplitter } from '../../../../shared/programs/lines.ts';
import type { TrainingService } from './service.ts';

interface Place {
  /** Of the page after the last that was read. */
  token: string | undefined;
  /** Time of the last event, and how many of that time were handed out: a token is good for a day only. */
  at: number;
  count: number;
  /** Read anew from a time: how many events of that time are still to come that were handed out before. */
  known: number;
  knownAt: number;
}

const FIRST_HOST = 'algo-1';

/** Hands out each line of a job's log once, in the order of its machine, however often reading is interrupted. */
export class LogFollower {
  readonly #service: TrainingService;
  readonly #job: string;
  readonly #onLine: (line: string, machine?: string) => void;
  readonly #places = new Map<string, Place>();

  /** @param onLine told of each line, and of the machine's name where it is not the first. */
  constructor(service: TrainingService, job: string, onLine: (line: string, machine?: string) => void) {
    this.#service = service;
    this.#job = job;
    this.#onLine = onLine;
  }

  /** Reads what has come since the last time. @returns how many events. @throws AwsError what AWS refuses. */
  async read(): Promise<number> {
    let count = 0;
    for (const stream of await this.#service.logStreams(this.#job)) {
      const place = this.#places.get(stream) ?? { token: undefined, at: 0, count: 0, known: 0, knownAt: 0 };
      this.#places.set(stream, place);
      count += await this.#readStream(stream, place);
    }
    return count;
  }

  async #readStream(stream: string, place: Place): Promise<number> {
    let total = 0;
    for (;;) {
      const { token, at } = place;
      const page = await this.#service
        .logEvents(this.#job, stream, token === undefined ? { since: at } : { token })
        .catch((error) => {
          const isOld = error instanceof AwsError && error.code === 'InvalidParameterException';
          if (!isOld || token === undefined) throw error;
          return undefined;
        });
      if (!page) {
        place.token = undefined;
        continue;
      }
      // Without a token the events of the last time come again.
      if (token === undefined) Object.assign(place, { known: place.count, knownAt: at });
      for (const { timestamp, message } of page.events) {
        if (place.known > 0 && timestamp === place.knownAt) {
          place.known--;
          continue;
        }
        place.count = timestamp === place.at ? place.count + 1 : 1;
        place.at = timestamp;
        this.#hand(stream, message);
        total++;
      }
      place.token = page.next ?? token;
      // The end is where the next page is this one again.
      if (page.next === undefined || page.next === token) return total;
    }
  }

  /** Of several machines the first speaks for the training. */
  #hand(stream: string, message: string): void {
    const [, host = FIRST_HOST] = /\/(algo-\d+)[^/]*$/.exec(stream) ?? [];
    const other = host === FIRST_HOST ? undefined : host;
    const splitter = new LineSplitter((line) => this.#onLine(line, other));
    splitter.push(Buffer.from(message.endsWith('\n') ? message : `${message}\n`));
    splitter.end();
  }
}
