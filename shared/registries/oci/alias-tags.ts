import { AliasMovedError, checkAlias } from '../alias.ts';
import { KEPT_MOVES, parseHistory } from '../alias-history.ts';
import type { StoredManifest } from '../manifest.ts';
import { parseManifest } from '../manifest.ts';
import { missing } from '../refusals.ts';
import type { AliasChange, AliasMove } from '../registry-interface.ts';
import type { AttachedFiles } from './attached-files.ts';
import { attachmentManifest, describeFiles, emptyConfig } from './attachment-artifact.ts';
import type { OciStore } from './store.ts';

const HISTORY_ROLE = 'alias-history';
const HISTORY_FILE = 'history.json';

/** Aliases are tags; every move of one is kept under a second tag, `history-<alias>`, which is written first. */
export class AliasTags {
  readonly #store: OciStore;
  readonly #files: AttachedFiles;
  readonly #now: () => Date;

  constructor(store: OciStore, files: AttachedFiles, now: () => Date) {
    this.#store = store;
    this.#files = files;
    this.#now = now;
  }

  async move(alias: string, change: AliasChange, model: StoredManifest): Promise<void> {
    const historyTag = `history-${alias}`;
    await this.#store.moveTags([alias, historyTag], async (current) => {
      const from = current[alias] ?? null;
      if (from === change.to) return [];
      if (change.expected !== undefined && from !== change.expected) {
        throw new AliasMovedError(alias, change.expected, current[alias]);
      }
      const { to, expected: _expected, operation = 'promote', ...why } = change;
      const at = this.#now().toISOString();
      const moves = [...(await this.history(alias)), { to, from, at, operation, ...why }].slice(-KEPT_MOVES);
      return [
        { tag: historyTag, manifest: await this.#storeHistory(alias, moves, at) },
        { tag: alias, manifest: model, mustBePresent: true },
      ];
    });
  }

  async history(alias: string): Promise<AliasMove[]> {
    const tag = `history-${checkAlias(alias)}`;
    const stored = await this.#store.getManifest(tag);
    if (!stored) return [];
    const [file] = this.#files.filesIn(parseManifest(stored.bytes, tag));
    if (!file) throw missing(`history of ${alias}`);
    return parseHistory(new TextDecoder().decode(await file.read()), alias);
  }

  async #storeHistory(alias: string, moves: AliasMove[], at: string): Promise<StoredManifest> {
    const bytes = new TextEncoder().encode(JSON.stringify(moves));
    const { layers, blobs } = await describeFiles(HISTORY_ROLE, [{ name: HISTORY_FILE, bytes }]);
    await this.#store.putBlobs([...blobs, emptyConfig()]);
    const annotations = { 'org.opencontainers.image.title': `History of the alias ${alias}` };
    return attachmentManifest({ role: HISTORY_ROLE, annotations }, layers, at);
  }
}
