/** What the process that fuzzes is told, and what it tells, in lines of JSON. */
import type { Reached } from './coverage.ts';
import type { Fault } from './faults.ts';
import type { Parser } from './seeds.ts';

export interface Order {
  parser: Parser;
  seed: number;
  milliseconds: number;
  /** For the case in work and temporary files. */
  folder: string;
  /** A folder of further seeds. */
  seeds?: string | undefined;
  /** Whether to say how much code was reached, which takes time. */
  hasCoverage: boolean;
  /** Of processor time: a case that takes more hangs. */
  secondsPerCase: number;
  /** Of memory in all: a process that takes more grows. */
  megabytes: number;
}

export interface Finished {
  cases: number;
  corpus: number;
  seconds: number;
  /** The case that took most processor time, in base64. */
  slowest: { seconds: number; input: string };
  reached?: Reached | undefined;
}

/** @property input in base64; absent where it is the case in work. */
export type Told = { fault: Fault; input?: string } | Finished;
