import type { HashedModel } from '../models/digest.ts';
import type { ModelLocation } from './model-uri.ts';

/** One immutable version of a model. */
export interface Version {
  /** `sha256:<hex>` of the model's manifest. */
  digest: string;
  /** The store's own word for the version; in OCI stores the digest. */
  version: string;
  /** Names that point to this version now, sorted. */
  aliases: string[];
  /** ISO 8601 of its first registration; absent when it was put there by another tool. */
  createdAt?: string;
  /** `<registry>/<name>@<digest>`. */
  uri: string;
}

/** A file to store: its bytes, or the path where they lie. */
export type AttachedFile = { name: string; bytes: Uint8Array } | { name: string; path: string };

/** Something known about a version, kept beside it: a record, code, predictions. */
export interface Attachment {
  /** A record kind (`Evaluation`), or `predictions`, `code`. */
  role: string;
  files: AttachedFile[];
  annotations?: Record<string, string>;
}

/** Where an alias pointed and why it moved: what `rollback` goes back by. */
export interface AliasMove {
  to: string;
  from: string | null;
  /** ISO 8601. */
  at: string;
  operation: 'register' | 'promote' | 'rollback';
  /** Who: the account that ran the job, when known. */
  by?: string;
  runUrl?: string;
  reason?: string;
}

/** Whether people let a version be used; the gate's own decision sets the first one. */
export const APPROVALS = ['pending', 'approved', 'rejected'] as const;
export type Approval = (typeof APPROVALS)[number];

/** How a version stands with its people, in the store's own fields where it has them. */
export interface Standing {
  /** Absent where nobody said anything. */
  approval?: Approval;
  /** A word of the team's own, e.g. `staging`. */
  stage?: string;
  /** Who said so, when the store or we know. */
  by?: string;
  /** ISO 8601. */
  at?: string;
  runUrl?: string;
  reason?: string;
}

/** What stores with fields of their own for it show in their own pages; the attached records are what is read back. */
export interface VersionDetails {
  /** One sentence for people. */
  description: string;
  tags: Record<string, string>;
  /** scikit-learn's name → the value of this model. */
  metrics: Record<string, number>;
  source: { repository: string | null; commit: string | null; runUrl: string | null };
  /** What the model was made from and judged on. */
  inputs: { role: string; name: string; digest: string }[];
  /** The version that was in use before. */
  parent: string | null;
  /** Set only when the version is new: what a person decided later stays. */
  standing: Standing;
  /** The container image that serves the model, where there is one. */
  image?: string;
}

/** The newest attachment of one role, with all that is needed to attach it elsewhere. */
export interface StoredAttachment {
  role: string;
  annotations: Record<string, string>;
  /** ISO 8601, when it was attached. */
  createdAt?: string;
  files: StoredFile[];
}

export interface AliasChange extends Partial<Omit<AliasMove, 'to' | 'from' | 'at'>> {
  to: string;
  /** The digest the alias is believed to point to, `null` for none; left out, the move is unconditional. */
  expected?: string | null;
}

/** One model name in one registry. */
export interface Registry {
  readonly location: ModelLocation;
  /** What the store cannot promise is declared here. */
  readonly capabilities: {
    /** An alias moves only if it still points where the caller believed, even against another job. */
    atomicAlias: boolean;
    /** An alias never points to a version that another job removes at the same moment: one of the two is refused. */
    atomicRemove: boolean;
    /** Two jobs that attach at the same moment both succeed. */
    atomicAttach: boolean;
    /** The store shows approval and stage in fields of its own, which people can set there. */
    nativeStanding: boolean;
    /** `remove` frees the bytes at once; where false, the store's own clean-up does it later. */
    freesBytes: boolean;
  };
  /** @param reference alias, version or `sha256:…`; undefined when there is no such version. */
  resolve(reference: string): Promise<Version | undefined>;
  versions(): Promise<Version[]>;
  /** Alias to digest. */
  aliases(): Promise<Record<string, string>>;
  /**
   * Stores the model's files and, before the version can be seen, what is attached to it: a version that can be
   * resolved is whole. Bytes that are there already are not sent again.
   */
  pushModel(
    model: string | HashedModel,
    options?: { attachments?: Attachment[]; details?: VersionDetails },
  ): Promise<{ digest: string; created: boolean }>;
  /** Writes the files of a version into a folder (which appears only when it is whole), verifying every digest. */
  pullModel(digest: string, folder: string): Promise<void>;
  /** Attaches files to a version; the newest attachment of a role counts. The version's digest stays. */
  attach(
    digest: string,
    role: string,
    files: AttachedFile[],
    annotations?: Record<string, string>,
  ): Promise<void>;
  /** The files of the newest attachment of this role; empty when there is none. `read` verifies the digest. */
  attachments(digest: string, role: string): Promise<StoredFile[]>;
  /** The newest attachment of every role, sorted by role. */
  allAttachments(digest: string): Promise<StoredAttachment[]>;
  /** How the version stands; what was set in the store's own pages counts. */
  standing(digest: string): Promise<Standing>;
  /** Changes what is given and leaves the rest. @throws UserError when there is no such version. */
  setStanding(digest: string, change: Standing): Promise<void>;
  /**
   * Removes a version and what is attached to it; bytes that other versions share stay. Removing what is gone is done.
   * @throws UserError when an alias points to it.
   */
  remove(digest: string): Promise<void>;
  /** @throws AliasMovedError when `expected` is given and the alias points elsewhere. */
  moveAlias(alias: string, change: AliasChange): Promise<void>;
  /** Every recorded move of an alias, oldest first. */
  aliasHistory(alias: string): Promise<AliasMove[]>;
}

export interface StoredFile {
  name: string;
  digest: string;
  /** In bytes. */
  size: number;
  /** The whole content, for files of moderate size. */
  read(): Promise<Uint8Array>;
  /** Streams the content to a new file, verified before it appears there. */
  save(path: string): Promise<void>;
}

export interface RegistryOptions {
  env: NodeJS.ProcessEnv;
  /** Used for ghcr.io when Docker's configuration knows no account for it. */
  githubToken?: string;
  /** `s3://bucket/prefix`: where the bytes of models lie, for stores that keep them elsewhere. */
  artifacts?: string;
  fetch?: typeof fetch;
  now?: () => Date;
  /** Waits between retries; passed in so that tests need no time. */
  wait?: (milliseconds: number) => Promise<void>;
  progress?: (message: string) => void;
  signal?: AbortSignal;
}
