import type { TrafficWindow } from '../../engine/window.ts';
import type { Route, RouterState } from '../../router/route.ts';

/** What splits the requests of users between two servers on this machine: the project's own router, or HAProxy. */
export interface Router {
  /** Its state, or undefined when it does not run. */
  find(): Promise<RouterView | undefined>;
  /** Starts it unless it runs, and catches up with what was wanted last. */
  ensure(): Promise<RouterView>;
  /** Resolves when the route is in force. */
  setRoute(route: Route): Promise<void>;
  /** Windows that are over, with a sequence above `after`. */
  windows(after: number): Promise<TrafficWindow[]>;
  /** What monitoring calls the server at a port, where that is not its address. */
  nameOf?(port: number): string | undefined;
  /** Whether the server at a port is known not to answer, as seen last. */
  isDown?(port: number): boolean;
  /** Lets every request end, and takes both servers out. */
  stop(): Promise<void>;
}

export type RouterView = Pick<RouterState, 'route' | 'lastSequence' | 'inFlight'>;
