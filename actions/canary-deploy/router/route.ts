/** Where requests go: the router's only setting, changed as a whole, and what the control endpoint says. */

/** Milliseconds that a model has for an answer: one that takes longer is an error of it. */
export const LONGEST_REQUEST_MS = 30_000;

/** Bounds of a counting window in milliseconds; the upper one is that of a timer: 24.8 days. */
export const SHORTEST_WINDOW_MS = 50;
export const LONGEST_WINDOW_MS = 2 ** 31 - 1;

export interface Upstream {
  /** Port on the loopback interface. */
  port: number;
  /** Digest of the model that serves there. */
  digest: string;
}

export interface Route {
  champion: Upstream;
  challenger: Upstream | null;
  /** Per cent of the requests for the challenger; 0 while there is none. */
  weight: number;
  /** Whether the challenger gets a copy of each request instead, whose answer is dropped; then the weight is 0. */
  mirror?: boolean;
  /** Length of a counting window. */
  windowMs: number;
  /** Header whose value decides the arm, so that one client stays with one model; null: at random. */
  stickyHeader: string | null;
}

/** What `GET /state` answers. */
export interface RouterState {
  pid: number;
  port: number;
  route: Route | null;
  /** Sequence of the last closed window. */
  lastSequence: number;
  /** Requests under way, by the port that they were given to. */
  inFlight: Record<string, number>;
}

/** What the router writes into its folder once it listens. */
export interface RouterAddress {
  pid: number;
  port: number;
  controlPort: number;
}

/** A checked copy of a route that came as JSON. @throws TypeError naming what is wrong. */
export function parseRoute(value: unknown): Route {
  const { champion, challenger, weight, mirror = false, windowMs, stickyHeader } = asObject(value, 'route');
  if (typeof weight !== 'number' || !(weight >= 0 && weight <= 100))
    throw new TypeError('weight must be 0 to 100');
  if (typeof windowMs !== 'number' || !(windowMs >= SHORTEST_WINDOW_MS && windowMs <= LONGEST_WINDOW_MS)) {
    throw new TypeError(`windowMs must be ${SHORTEST_WINDOW_MS} to ${LONGEST_WINDOW_MS}`);
  }
  if (stickyHeader !== null && typeof stickyHeader !== 'string')
    throw new TypeError('stickyHeader must be a text');
  if (typeof mirror !== 'boolean') throw new TypeError('mirror must be true or false');
  const route: Route = {
    champion: parseUpstream(champion, 'champion'),
    challenger: challenger === null ? null : parseUpstream(challenger, 'challenger'),
    weight,
    mirror,
    windowMs,
    stickyHeader,
  };
  if (!route.challenger && (weight > 0 || mirror))
    throw new TypeError('a weight or copies need a challenger');
  if (mirror && weight > 0) throw new TypeError('requests are copied to the challenger or split, not both');
  return route;
}

function parseUpstream(value: unknown, key: string): Upstream {
  const { port, digest } = asObject(value, key);
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new TypeError(`${key}.port must be a port`);
  }
  if (typeof digest !== 'string') throw new TypeError(`${key}.digest must be a text`);
  return { port, digest };
}

function asObject(value: unknown, key: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object') throw new TypeError(`${key} must be an object`);
  return value as Record<string, unknown>;
}
