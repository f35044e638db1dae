/** What a test decides of endpoints and their models, and what it may see of them. */

/** How long what an endpoint does takes, in milliseconds by the fake's clock. */
export interface TransitionTimes {
  /** New instances come up: CreateEndpoint, and each new fleet or batch of an update. */
  launchMs: number;
  /** UpdateEndpointWeightsAndCapacities. */
  weightsMs: number;
  rollbackMs: number;
  deleteMs: number;
}

/** What becomes of an endpoint's next creation, update or change of weights. */
export type UpdateFate =
  | 'succeeds'
  /** Back to InService with the old config, and no word of why. */
  | 'rolls-back-silently'
  /** Back to InService with the old config and a FailureReason. */
  | 'rolls-back'
  /** Ends as UpdateRollbackFailed: the old fleet serves. */
  | 'rollback-fails'
  /** Ends as Failed: DeleteEndpoint is all that is allowed. */
  | 'fails'
  /** Never ends, until the test says otherwise. */
  | 'hangs';

/** How the containers of a model behave. */
export interface ModelBehaviour {
  /** Share of requests that the model answers with 500. Default 0. */
  errors?: number;
  /** Share that it answers with 400. Default 0. */
  clientErrors?: number;
  /** Of one request, in microseconds. Default: 10,000 and up, exponential above that, with a mean of 15,000. */
  latencyMicros?: (draw: () => number) => number;
  /** Default 2,000. */
  overheadMicros?: (draw: () => number) => number;
  /** The body of an answer. Default: `{"model": <name of the model>}`. */
  answer?: (body: string) => string;
  /** False: the containers never pass their health check, so that whatever launches them fails. */
  startsUp?: boolean;
  /** Per cent, of one instance. GPU: none by default. */
  cpu?: number;
  memory?: number;
  gpu?: number;
}

/** One variant that gets requests now. */
export interface ServingVariant {
  variant: string;
  model: string;
  config: string;
  /** Share of the requests, 0 to 1. */
  share: number;
  isShadow: boolean;
}
