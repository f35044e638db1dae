import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataProfile } from '../../shared/records/data-profile.ts';
import type { DataCheck, DataValidation } from '../../shared/records/data-validation.ts';
import { RecordFolder } from '../../shared/records/folder.ts';
import type { ActionResult } from '../../shared/runtime/definition.ts';
import type { Given } from './inputs.ts';
import { run } from './validate.ts';

/** For tests: runs the action on small texts in a folder of its own. */
export interface Kit {
  folder: string;
  file(name: string, content: string | Uint8Array): string;
  judge(
    given: Partial<Given> & {
      csv?: string;
      properties?: string;
      rest?: string;
      top?: string;
      /** Where earlier records lie. */
      records?: string;
    },
  ): Promise<Judged>;
  remove(): void;
}

export interface Judged {
  result: ActionResult;
  record: DataValidation;
  profile: DataProfile;
  /** The checks that do not pass. */
  broken: DataCheck[];
}

const SILENT = () => {};

export function testKit(now = new Date('2001-02-01T00:00:00Z')): Kit {
  const folder = mkdtempSync(join(tmpdir(), 'validate-data-test-'));
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const deps = {
    log: {
      info: SILENT,
      debug: SILENT,
      warning: SILENT,
      error: SILENT,
      notice: SILENT,
      progress: SILENT,
      mask: SILENT,
      group: <Result>(_: string, work: () => Promise<Result>) => work(),
    },
    signal: new AbortController().signal,
    env: {},
    now: () => now,
    source: { repository: null, commit: null, runUrl: null },
    temporaryFolder: folder,
    cacheFolder: folder,
  };
  return {
    folder,
    file,
    async judge({ csv, properties, rest = '', top = '', records = join(folder, 'records'), ...given }) {
      const data = csv === undefined ? [] : [file('data.csv', csv)];
      const contract =
        properties === undefined ? undefined : file('contract.yaml', contractText(properties, rest, top));
      const result = await run(
        { name: 'model', data, contract, examples: 'full', ...given },
        { ...deps, records: new RecordFolder(records, 'model') },
      );
      const { record, alsoRecords } = result;
      const profile = alsoRecords?.[0];
      if (record.kind !== 'DataValidation' || profile?.kind !== 'DataProfile')
        throw new Error('unexpected records');
      const broken = record.checks.filter((check) => check.verdict !== 'pass');
      return { result, record, profile, broken };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A contract of one object `trips`: its properties, what stands beside them, and what stands at the top. */
export function contractText(properties: string, rest = '', top = ''): string {
  const indent = (text: string, by: number): string =>
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => ' '.repeat(by) + line)
      .join('\n');
  return `apiVersion: v3.1.0
kind: DataContract
id: trips
version: 1.0.0
status: active
${top}
schema:
  - name: trips
    properties:
${indent(properties, 6)}
${indent(rest, 4)}
`;
}
