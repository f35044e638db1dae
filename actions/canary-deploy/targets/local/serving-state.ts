import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { UserError } from '../../../../shared/errors.ts';
import { digestSchema } from '../../../../shared/records/envelope.ts';
import { loadJson, storeJson } from '../../router/stored-file.ts';

/** Of the router. */
export const DEFAULT_PORT = 8080;

const modelSchema = z.strictObject({ digest: digestSchema, uri: z.string() });

const serverSchema = modelSchema.extend({
  port: z.number().int(),
  /** Process group of the server and the identity of its first process; null before it was started. */
  group: z.number().int().nullable(),
  identity: z.string().nullable(),
});
/** A model server on this machine. */
export type ModelServer = z.infer<typeof serverSchema>;

const stateSchema = z.strictObject({
  version: z.literal(1),
  /** Port of the router. */
  port: z.number().int(),
  stickyHeader: z.string().nullable(),
  champion: serverSchema.nullable(),
  challenger: serverSchema.nullable(),
  /** Servers without traffic that are to be ended. */
  retired: z.array(serverSchema),
  /** The champion before this one. */
  previous: modelSchema.nullable(),
});
export type ServingState = z.infer<typeof stateSchema>;

/** Which processes run which model: `state.json` in the serving folder, stored before and after each change. */
export class ServingFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** @param port where there is no state yet. @throws UserError when the file is not one of ours. */
  load(port = DEFAULT_PORT): ServingState {
    const parsed = stateSchema.safeParse(this.loadJson('state.json') ?? emptyState(port));
    if (parsed.success) return parsed.data;
    throw this.damaged('state.json');
  }

  store(state: ServingState): void {
    storeJson(this.file('state.json'), state);
  }

  loadJson(name: string): unknown {
    try {
      return loadJson(this.file(name));
    } catch (error) {
      if (error instanceof SyntaxError) throw this.damaged(name);
      throw error;
    }
  }

  /** The secret of the control endpoint; undefined when no router was ever started here. */
  token(): string | undefined {
    return existsSync(this.file('token')) ? readFileSync(this.file('token'), 'utf8').trim() : undefined;
  }

  private damaged(name: string): UserError {
    return new UserError(`${this.file(name)} was not written by this version or was changed.`, {
      where: { file: this.file(name), key: 'serving-dir' },
      fix: 'End what serves from this folder by hand and remove the folder, or give another serving-dir.',
    });
  }
}

function emptyState(port: number): ServingState {
  return {
    version: 1,
    port,
    stickyHeader: null,
    champion: null,
    challenger: null,
    retired: [],
    previous: null,
  };
}
