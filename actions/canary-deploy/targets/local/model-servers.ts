/**
 * The model servers of a serving folder: detached processes, of which the folder says who serves what. Each step is
 * stored before it is taken.
 */
import { findFreePort } from '../../../../shared/programs/free-port.ts';
import { endGroup, groupStillLives, processIdentity } from '../../../../shared/programs/process-group.ts';
import { openHttpDoor } from '../http-door.ts';
import type { DeployedModel, ModelDoor } from '../target.ts';
import type { Drain } from './drain.ts';
import type { ModelServer, ServingFolder, ServingState } from './serving-state.ts';

/** Starts the server of a model and resolves when it answers `GET /ping` with 200. */
export type Launch = (
  model: DeployedModel,
  place: { port: number; servingDir: string; beforeStart: (group: number) => Promise<void> },
) => Promise<void>;

const END_GRACE_MS = 2_000;

export class ModelServers {
  #state: ServingState;
  readonly #folder: ServingFolder;
  readonly #launch: Launch;
  readonly #drain: Drain;

  constructor(folder: ServingFolder, state: ServingState, options: { launch: Launch; drain: Drain }) {
    this.#folder = folder;
    this.#state = state;
    this.#launch = options.launch;
    this.#drain = options.drain;
  }

  get state(): ServingState {
    return this.#state;
  }

  /** Starts a server in one of the two places; its port and group are stored before its first command runs. */
  async start({ digest, uri }: DeployedModel, place: 'champion' | 'challenger'): Promise<void> {
    const model = { digest, uri };
    const server: ModelServer = { ...model, port: await findFreePort(), group: null, identity: null };
    this.store({ [place]: server });
    await this.#launch(model, {
      port: server.port,
      servingDir: this.#folder.path,
      beforeStart: async (group) => {
        this.store({ [place]: { ...server, group, identity: processIdentity(group) ?? null } });
      },
    });
  }

  /** The challenger is the champion, and the champion is to end. @param port of the router. */
  crown(challenger: ModelServer, port: number): void {
    const { champion, retired, previous } = this.#state;
    this.store({
      port,
      champion: challenger,
      challenger: null,
      retired: champion ? [...retired, champion] : retired,
      previous: modelOf(champion) ?? previous,
    });
  }

  retireChallenger(): void {
    const { challenger, retired } = this.#state;
    if (challenger) this.store({ challenger: null, retired: [...retired, challenger] });
  }

  retireAll(): void {
    const { champion, challenger, retired } = this.#state;
    const all = [champion, challenger, ...retired].filter((server) => server !== null);
    this.store({ champion: null, challenger: null, retired: all });
  }

  /**
   * Ends the servers that have no traffic, once the requests they still have are done. One that a cancelled run cannot
   * wait for stays until a later run ends it.
   * @param inFlight requests under way by port; undefined where nobody sends any.
   */
  async endRetired(inFlight: () => Promise<Record<string, number> | undefined>): Promise<void> {
    for (const server of this.#state.retired) {
      const hasRequests = async () => isAlive(server) && Boolean((await inFlight())?.[server.port]);
      if (!(await this.#drain.isOver(hasRequests))) continue;
      if (server.group !== null && isAlive(server)) await endGroup(server.group, END_GRACE_MS);
      this.store({ retired: this.#state.retired.filter(({ port }) => port !== server.port) });
    }
  }

  /** Those that were left to end their requests, for people. */
  waiting(): string[] {
    return this.#state.retired.map(
      ({ digest, port, group }) =>
        `the server of ${digest} on port ${port} (process group ${group}), which had requests to end: the next run ends it`,
    );
  }

  private store(change: Partial<ServingState>): void {
    this.#state = { ...this.#state, ...change };
    this.#folder.store(this.#state);
  }
}

export function isAlive(server: ModelServer): boolean {
  if (server.group === null || server.identity === null) return false;
  return groupStillLives(server.group, server.identity);
}

export const doorOf = ({ port }: ModelServer): ModelDoor => openHttpDoor(`http://127.0.0.1:${port}`);

export const modelOf = (server: ModelServer | null): DeployedModel | null =>
  server && { digest: server.digest, uri: server.uri };
