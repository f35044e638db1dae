import { type ChildProcess, spawn } from 'node:child_process';
import { bindToThisProcess } from '../../../shared/programs/bound-to-parent.ts';
import { LineSplitter } from '../../../shared/programs/lines.ts';
import {
  type GpuAnswer,
  type GpuSample,
  isUnknownField,
  parseGpuQuery,
  queryArguments,
  queryGpus,
  REASON_FIELDS,
} from './gpu-query.ts';

/**
 * Asking about GPUs again and again. One `nvidia-smi` that repeats its answer costs a fraction of one that is started
 * for each: starting it opens the driver and every card anew.
 */

export interface GpuSource {
  /** The newest answer; empty when there is none that is new enough. */
  samples(): Promise<readonly GpuSample[]>;
  end(): void;
}

export interface GpuSourceOptions {
  env: NodeJS.ProcessEnv;
  /** What the driver answered before the start: the first sample, and how many GPUs there are. */
  first: readonly GpuSample[];
  /** Milliseconds between two answers. */
  everyMs: number;
  now?: () => number;
  /** Asks once; used where the repeating tool does not work. */
  query?: () => Promise<GpuAnswer>;
}

/** An answer that is older than this many intervals says nothing of now. */
const STALE_INTERVALS = 3;
/** Opening eight cards without persistence mode takes this long. */
const FIRST_ANSWER_MS = 20_000;

/**
 * Starts the repeating tool. Where it ends, does not know the option, or gives nothing for three intervals (its output
 * may be held back in a pipe), each sample is asked for on its own from then on. Should this process be killed, so is
 * the tool: it must not wait for its next line to notice, since a driver in trouble may never give one.
 */
export function openGpuSource(options: GpuSourceOptions): GpuSource {
  const now = options.now ?? (() => performance.now());
  const query = options.query ?? (() => queryGpus(options.env));
  const opened = now();
  let newest: { at: number; samples: readonly GpuSample[] } = { at: opened, samples: options.first };
  let tool: RepeatingTool | undefined;
  let ended = false;
  const start = ([reasons, ...older]: readonly string[]) => {
    if (reasons === undefined || ended) return;
    tool = new RepeatingTool({
      words: [...queryArguments(reasons), `--loop-ms=${options.everyMs}`],
      env: options.env,
      count: options.first.length,
      onAnswer: (samples) => {
        newest = { at: now(), samples };
      },
      onEnd: (message) => {
        tool = undefined;
        if (isUnknownField(message)) start(older);
      },
    });
  };
  start(REASON_FIELDS);
  return {
    samples: async () => {
      const isFirst = newest.at === opened;
      const patience = isFirst ? FIRST_ANSWER_MS : STALE_INTERVALS * options.everyMs;
      if (tool && now() - newest.at <= patience) return newest.samples;
      tool?.end();
      tool = undefined;
      if (ended) return [];
      const answer = await query();
      return 'samples' in answer ? answer.samples : [];
    },
    end: () => {
      ended = true;
      tool?.end();
      tool = undefined;
    },
  };
}

interface ToolOptions {
  words: string[];
  env: NodeJS.ProcessEnv;
  count: number;
  onAnswer: (samples: GpuSample[]) => void;
  /** Told once, with what it said in place of an answer. */
  onEnd: (message: string) => void;
}

/** One `nvidia-smi` that answers until it is ended. */
class RepeatingTool {
  readonly #child: ChildProcess;
  readonly #options: ToolOptions;
  #rows: GpuSample[] = [];
  #isOver = false;

  constructor(options: ToolOptions) {
    this.#options = options;
    const splitter = new LineSplitter((line) => this.#take(line));
    // The leader of a group of its own, which can be bound to this process.
    this.#child = spawn('nvidia-smi', options.words, {
      env: options.env,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { pid } = this.#child;
    if (pid !== undefined) this.#child.once('exit', bindToThisProcess(pid));
    this.#child.on('error', () => this.#over(''));
    this.#child.on('close', () => this.#over(''));
    this.#child.stdout?.on('data', (chunk: Buffer) => splitter.push(chunk));
  }

  end(): void {
    this.#isOver = true;
    this.#child.kill('SIGKILL');
  }

  #take(line: string): void {
    if (line.trim() === '' || this.#isOver) return;
    const row = parseGpuQuery(line)?.[0];
    // A message in place of a row: a card was lost, or the tool is of an older kind.
    if (!row) {
      this.#over(line);
      return;
    }
    // An answer has a row for each GPU, in the order of their numbers.
    const isNext = row.index <= (this.#rows.at(-1)?.index ?? -1);
    if (isNext) this.#publish();
    this.#rows.push(row);
    if (this.#rows.length >= this.#options.count) this.#publish();
  }

  #publish(): void {
    if (this.#rows.length > 0) this.#options.onAnswer(this.#rows);
    this.#rows = [];
  }

  #over(message: string): void {
    if (this.#isOver) return;
    this.end();
    this.#options.onEnd(message);
  }
}
