/** CSV as loggers write it (RFC 4180): a header, fields in quotes where they must, empty fields where nothing was logged. */
import { UserError } from '../../../shared/errors.ts';
import type { Content } from './metrics-format.ts';

/** @throws UserError with the line, when a quote is left open or a line has other fields than the header. */
export function parseTable(text: string, path: string): Extract<Content, { form: 'table' }> {
  const lines = splitFields(text, path);
  const [header, ...rows] = lines;
  if (!header || header.fields.every((field) => field === '')) {
    throw new UserError(`${path} has no header.`, { where: { file: path, line: 1 } });
  }
  for (const { fields, line } of rows) {
    if (fields.length === header.fields.length) continue;
    throw new UserError(`${path} has ${fields.length} fields where its header has ${header.fields.length}.`, {
      where: { file: path, line },
      fix: 'Write the file again; the step that made it may have been interrupted.',
    });
  }
  const twice = header.fields.find((name, index) => header.fields.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new UserError(`${path} has the column ${JSON.stringify(twice)} twice.`, {
      where: { file: path, line: 1 },
    });
  }
  return {
    form: 'table',
    header: header.fields.map((name) => name.trim()),
    rows: rows.map(({ fields }) => fields),
  };
}

interface Line {
  fields: string[];
  /** 1-based, of its first character. */
  line: number;
}

function splitFields(text: string, path: string): Line[] {
  const lines: Line[] = [];
  let line = 1;
  let started = 1;
  let fields: string[] = [];
  // One field, in quotes or plain, and what ends it.
  const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (field.lastIndex < text.length || fields.length > 0) {
    const match = field.exec(text);
    if (!match) {
      throw new UserError(`${path} is not valid CSV: a quote is not closed or stands inside a field.`, {
        where: { file: path, line },
        fix: 'Write the file again; the step that made it may have been interrupted.',
      });
    }
    const [whole, quoted, plain = '', end] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split('\n').length - 1;
    if (end === ',') continue;
    if (fields.length > 1 || fields[0] !== '') lines.push({ fields, line: started });
    fields = [];
    started = line;
    if (end === '') break;
  }
  return lines;
}
