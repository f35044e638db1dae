import { styleText } from 'node:util';

/** What the person who runs the demo reads: headings, one line per result, and one line that shows what is going on. */
export class Terminal {
  readonly #started: number;
  readonly #live = process.stderr.isTTY === true;
  #lastProgress = 0;
  #shown = false;
  /** Verdicts that were not the expected ones. */
  surprises = 0;

  /** @param started milliseconds since 1970 at which the person pressed return. */
  constructor(started: number) {
    this.#started = started;
  }

  heading(text: string): void {
    this.#print(`\n${styleText('bold', text)}`);
  }

  text(text: string): void {
    this.#print(text);
  }

  /** A detail below a result. */
  detail(text: string): void {
    this.#print(styleText('dim', `      ${text}`));
  }

  /** One result: what was done, what came out, and whether that is what the story says. */
  result(action: string, expected: string, seen: string, told: string): void {
    const right = expected === seen;
    if (!right) this.surprises += 1;
    const mark = right ? styleText('green', '✓') : styleText('red', '✗');
    const verdict = right ? seen : `${seen}, and ${expected} was expected`;
    this.#print(`  ${mark} ${action.padEnd(14)} ${styleText('bold', verdict.padEnd(12))} ${told}`);
  }

  /** A fact that must hold for the demo to be right, such as which version an alias names. */
  fact(holds: boolean, told: string): void {
    if (!holds) this.surprises += 1;
    const mark = holds ? styleText('green', '✓') : styleText('red', '✗');
    this.#print(`  ${mark} ${holds ? '' : 'not so: '}${told}`);
  }

  /** On a terminal a line that changes; elsewhere a line of its own every five seconds. */
  progress(message: string): void {
    const seconds = this.seconds();
    if (this.#live) {
      const line = `${seconds.toFixed(0)} s  ${message}`.slice(0, (process.stderr.columns ?? 80) - 1);
      process.stderr.write(`\r\u001b[K${line}`);
      this.#shown = true;
    } else if (seconds - this.#lastProgress >= 5) {
      this.#lastProgress = seconds;
      process.stderr.write(`${seconds.toFixed(0)} s  ${message}\n`);
    }
  }

  seconds(): number {
    return (Date.now() - this.#started) / 1000;
  }

  #print(text: string): void {
    if (this.#shown) process.stderr.write('\r\u001b[K');
    this.#shown = false;
    process.stdout.write(`${text}\n`);
  }
}
