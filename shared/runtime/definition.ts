/**
 * The runtime is the only door to the runner. An action is a definition: its inputs, what it does with them
 * (`run`), and how its record reads (`report`). This file says what a definition is and what it is given.
 */
import * as z from 'zod';
import type { ErrorLocation } from '../errors.ts';
import type { ActionId, RecordSource } from '../records/envelope.ts';
import type { RecordFolder } from '../records/folder.ts';
import type { AnyRecord } from '../records/kinds.ts';
import type { ReportSection } from '../report/section.ts';
import { type CommonInputs, commonInputs, type Operations } from './inputs.ts';

/** Everything that an action may say while it works. Text is made harmless for where it goes. */
export interface Log {
  info(message: string): void;
  debug(message: string): void;
  warning(message: string, where?: ErrorLocation): void;
  error(message: string, where?: ErrorLocation): void;
  notice(message: string, where?: ErrorLocation): void;
  /** Of many calls at most one every ten seconds is shown (every second on a terminal). */
  progress(message: string): void;
  group<Result>(title: string, work: () => Promise<Result>): Promise<Result>;
  /** From now on this text is never shown. */
  mask(secret: string): void;
}

export interface Deps<State = never> {
  log: Log;
  /** Aborted on SIGINT and SIGTERM. */
  signal: AbortSignal;
  env: NodeJS.ProcessEnv;
  now: () => Date;
  /** Repository, commit and run that records name as their origin. */
  source: RecordSource;
  /** The records of this model name. */
  records: RecordFolder;
  /** Removed when the action ends. */
  temporaryFolder: string;
  /** Kept between runs: RUNNER_TOOL_CACHE, or the user's cache folder. */
  cacheFolder: string;
  /** What `post` will be given. Called before each step that leaves something behind; the last call counts. */
  saveState(state: State): void;
}

export interface Annotation {
  level: 'error' | 'warning' | 'notice';
  message: string;
  where: ErrorLocation;
}

export interface ActionResult {
  record: AnyRecord;
  /** Written before `record`. */
  alsoRecords?: AnyRecord[];
  /** The action's own outputs; `verdict`, `record` and `report` are set by the runtime. */
  outputs?: Record<string, string>;
  annotations?: Annotation[];
  /** What must wait until the report is out, such as opening an issue. Its failure is a warning. */
  afterReport?: () => Promise<void>;
}

type CommonShape = ReturnType<typeof commonInputs>;
type InputsOf<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<CommonShape & Shape>>;

/** A definition as the runtime sees it: of the inputs it knows only the common ones. */
export interface ActionDefinition {
  id: ActionId;
  inputs: z.ZodObject<CommonShape>;
  operations: Operations | undefined;
  /** Those that judge no change: in the pull request they would take the place of the verdict that does. */
  operationsOutsidePullRequest: readonly string[];
  outputs: readonly string[];
  run(inputs: CommonInputs, deps: Deps<unknown>): Promise<ActionResult>;
  report(record: AnyRecord): ReportSection;
  state: z.ZodType | undefined;
  post: ((state: unknown, deps: Deps<unknown>) => Promise<void>) | undefined;
}

/**
 * Makes a definition; the common inputs are added to `inputs`.
 * @param spec.kind of its records, or all kinds of them where different operations make different ones.
 * @param spec.inputs fields by camel-case key; action.yml has the same in kebab-case.
 * @param spec.operations where an action has more than one: which inputs each may use.
 * @param spec.failOn default of `fail-on`.
 */
export function defineAction<
  Shape extends z.ZodRawShape,
  const Output extends string,
  Kind extends AnyRecord['kind'],
  State = never,
>(spec: {
  id: ActionId;
  kind: Kind | readonly Kind[];
  inputs: Shape;
  outputs: readonly Output[];
  failOn?: string;
  operations?: Readonly<Record<string, readonly (keyof Shape & string)[]>>;
  operationsOutsidePullRequest?: readonly string[];
  run(
    inputs: InputsOf<Shape>,
    deps: Deps<State>,
  ): Promise<ActionResult & { outputs?: Partial<Record<Output, string>> }>;
  report(record: Extract<AnyRecord, { kind: Kind }>): ReportSection;
  state?: z.ZodType<State>;
  post?(state: State, deps: Deps<State>): Promise<void>;
}): ActionDefinition {
  return {
    id: spec.id,
    inputs: z.strictObject({
      ...commonInputs(spec.failOn ?? 'fail'),
      ...spec.inputs,
    }) as z.ZodObject<CommonShape>,
    operations: spec.operations,
    operationsOutsidePullRequest: spec.operationsOutsidePullRequest ?? [],
    outputs: spec.outputs,
    // The runtime parses with `inputs` above, so what it passes on is what `run` asks for.
    run: (inputs, deps) => spec.run(inputs as InputsOf<Shape>, deps as Deps<State>),
    report: (record) => {
      if (![spec.kind].flat().includes(record.kind as Kind))
        throw new TypeError(`${spec.id} cannot report a ${record.kind}`);
      return spec.report(record as Extract<AnyRecord, { kind: Kind }>);
    },
    state: spec.state,
    post:
      spec.post && ((state, deps) => spec.post?.(state as State, deps as Deps<State>) ?? Promise.resolve()),
  };
}
