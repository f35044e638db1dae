/**
 * Contracts in the words of other tools, read as if they had been written in the Open Data Contract Standard. Each
 * importer goes through the foreign document once and puts what it finds into a draft; what has no like here is left
 * over by name, never dropped.
 */
import { type Contract, contractSchema, type LogicalType } from '../../../shared/records/contract.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';

export type Path = readonly (string | number)[];

/** What the foreign contract asks for and is not judged. */
export interface LeftOver {
  /** In its own words. */
  what: string;
  why: string;
  /** A path of the imported contract, by which `locate` finds its place in the foreign file. */
  path: Path;
}

export interface ImportedContract {
  document: PositionedDocument<Contract>;
  left: LeftOver[];
}

type Quality = Record<string, unknown>;

interface DraftProperty {
  name: string;
  logicalType?: LogicalType;
  quality: Quality[];
  [key: string]: unknown;
}

/** Collects what an importer finds; origins tell for each piece where in the foreign file it stood. */
export class ContractDraft {
  readonly #properties: DraftProperty[] = [];
  readonly #quality: Quality[] = [];
  readonly #customProperties: { property: string; value: unknown }[] = [];
  readonly #left: LeftOver[] = [];
  readonly #origins = new Map<string, Path>();

  /** A column that has to be there. */
  column(name: string, origin: Path): void {
    this.#find(name, origin);
  }

  /** A key of the property itself, such as `required: true`. */
  set(
    name: string,
    key: 'required' | 'unique' | 'primaryKey' | 'primaryKeyPosition' | 'description',
    value: unknown,
    origin: Path,
  ): undefined {
    const { property, path } = this.#find(name, origin);
    property[key] = value;
    this.#note([...path, key], origin);
    return undefined;
  }

  /** The type of a column; a second, other one is left over. */
  type(name: string, logicalType: LogicalType, what: string, origin: Path): void {
    const { property, path } = this.#find(name, origin);
    if (property.logicalType !== undefined && property.logicalType !== logicalType) {
      this.leave(what, `${name} is asked to be ${property.logicalType} as well`, origin);
      return;
    }
    property.logicalType = logicalType;
    this.#note([...path, 'logicalType'], origin);
  }

  /** A rule on one column, or on the whole table where `column` is undefined. */
  rule(column: string | undefined, quality: Quality, origin: Path): undefined {
    if (column === undefined) {
      this.#note(['schema', 0, 'quality', this.#quality.length], origin);
      this.#quality.push(quality);
      return undefined;
    }
    const { property, path } = this.#find(column, origin);
    this.#note([...path, 'quality', property.quality.length], origin);
    property.quality.push(quality);
    return undefined;
  }

  /** A custom property of the object, such as `strictColumns`. */
  custom(property: string, value: unknown, origin: Path): void {
    this.#note(['schema', 0, 'customProperties', this.#customProperties.length], origin);
    this.#customProperties.push({ property, value });
  }

  leave(what: string, why: string, origin: Path): undefined {
    const path: Path = ['left', this.#left.length];
    this.#note(path, origin);
    this.#left.push({ what, why, path });
    return undefined;
  }

  /** The contract, with every place named by the foreign file's own lines. */
  finish(about: { id: string; object: string }, foreign: PositionedDocument<unknown>): ImportedContract {
    const value = contractSchema.parse({
      apiVersion: 'v3.1.0',
      kind: 'DataContract',
      id: about.id,
      version: '1.0.0',
      status: 'active',
      schema: [
        {
          name: about.object,
          properties: this.#properties.map(({ quality, ...property }) =>
            quality.length > 0 ? { ...property, quality } : property,
          ),
          ...(this.#quality.length > 0 ? { quality: this.#quality } : {}),
          ...(this.#customProperties.length > 0 ? { customProperties: this.#customProperties } : {}),
        },
      ],
    });
    const locate = (path: readonly PropertyKey[]) => {
      for (let length = path.length; length > 0; length--) {
        const origin = this.#origins.get(JSON.stringify(path.slice(0, length)));
        if (origin) return foreign.locate(origin);
      }
      return foreign.locate([]);
    };
    return { document: { value, file: foreign.file, text: foreign.text, locate }, left: this.#left };
  }

  #find(name: string, origin: Path): { property: DraftProperty; path: Path } {
    let index = this.#properties.findIndex((property) => property.name === name);
    if (index === -1) {
      index = this.#properties.length;
      this.#properties.push({ name, quality: [] });
      this.#note(['schema', 0, 'properties', index], origin);
    }
    return { property: this.#properties[index]!, path: ['schema', 0, 'properties', index] };
  }

  #note(path: Path, origin: Path): void {
    this.#origins.set(JSON.stringify(path), origin);
  }
}
