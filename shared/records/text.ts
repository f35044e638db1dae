/** A record as text: how it is written, and the four ways in which a text is refused. */
import { UserError } from '../errors.ts';
import { canonicalJson, sha256 } from './canonical-json.ts';
import { RECORD_KINDS, SCHEMA_VERSION } from './envelope.ts';
import { type AnyRecord, recordSchemas } from './kinds.ts';
import { nearest } from './nearest.ts';

/** Pretty JSON with an `integrity` key: the sha256 of the record's canonical JSON without that key. */
export function writeRecordText(record: AnyRecord): string {
  const checked = recordSchemas[record.kind].parse(record);
  const { schemaVersion, kind, ...rest } = checked;
  return `${JSON.stringify({ schemaVersion, kind, integrity: sha256(canonicalJson(checked)), ...rest }, null, 2)}\n`;
}

/**
 * Parses and checks a record.
 * @param file the name shown in errors.
 * @throws UserError when the text is cut off, edited by hand, from a newer version, or not a record at all.
 */
export function parseRecordText(text: string, file: string): AnyRecord {
  const refuse = (what: string, fix: string, key?: string): never => {
    throw new UserError(`The record ${file} ${what}`, { where: { file, key }, fix });
  };
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    const cutOff = !text.trimEnd().endsWith('}');
    throw new UserError(
      `The record ${file} ${cutOff ? 'is cut off: its end is missing' : 'is not valid JSON'}.`,
      {
        where: { file },
        fix: 'Run the step that wrote it again.',
        cause,
      },
    );
  }
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
    return refuse(
      'is not a record: it is not a JSON object.',
      'Give the path of a record that one of the actions wrote.',
    );
  }
  const { integrity, ...content } = raw as Record<string, unknown>;
  const version = content.schemaVersion;
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    refuse(
      `has schema version ${version}; this release reads up to ${SCHEMA_VERSION}.`,
      'Use the release of mlops-actions that wrote it, or a newer one.',
      'schemaVersion',
    );
  }
  const kind = RECORD_KINDS.find((known) => known === content.kind);
  if (!kind) {
    const guess = nearest(String(content.kind), RECORD_KINDS);
    return refuse(
      `has no known kind: ${JSON.stringify(content.kind)?.slice(0, 60)}.`,
      guess ? `Did you mean ${guess}?` : `Kinds: ${RECORD_KINDS.join(', ')}.`,
      'kind',
    );
  }
  if (integrity !== sha256(canonicalJson(content))) {
    refuse(
      'was changed after it was written: its integrity does not agree with its content.',
      'Run the step that wrote it again; records are not edited by hand.',
      'integrity',
    );
  }
  const parsed = recordSchemas[kind].safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return refuse(
      `does not follow the schema of ${kind}: ${issue.message}.`,
      'Run the step that wrote it again.',
      issue.path.join('.'),
    );
  }
  return parsed.data;
}
