import type { Report } from '../finding.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { JsonText } from './json-text.ts';
import { NamedCode } from './named-code.ts';
import { reportOnce } from './once.ts';
import { scanText } from './plain-text.ts';

/** Looks into a file that is JSON; where it turns out to be none, into the rest of it as text. */
export async function scanJson(input: ScanInput, context: ScanContext): Promise<void> {
  const { reader } = input;
  const text = new JsonText(isInMlflow(context) ? refusingRemoteCode(context.report) : context.report, null);
  const report = reportOnce(context.report);
  const named = new NamedCode(report, input.place, true);
  if ((await reader.ensure(3)) && isMark(reader.bytes.subarray(reader.position))) reader.position += 3;
  while (await reader.ensure(1)) {
    context.signal.throwIfAborted();
    const part = reader.bytes.subarray(reader.position, reader.end);
    text.json.push(part);
    await text.pickles.lookInto(context);
    // Lines of JSON, or a text that only begins so: what was walked over was looked at.
    if (text.json.problem !== undefined) break;
    named.push(part);
    reader.position = reader.end;
  }
  text.json.finish();
  const { problem, offset } = text.json;
  if (problem !== undefined && (text.keras.classes > 0 || text.isProgram))
    context.report({ rule: 'unreadable', offset, what: `The configuration of the model ${problem}.` });
  else if (text.json.isBeyondLimits)
    context.report({ rule: 'cannot-look-into', offset, what: `The JSON ${problem}.` });
  if (text.shellCells > 0) {
    const what = `${text.shellCells} cells begin with a command of the shell.`;
    context.report({ rule: 'notebook-shell', offset: null, what });
  }
  if (problem === undefined) named.finish();
  else {
    named.continueAsYaml();
    await scanText(input, { ...context, report }, named);
  }
}

/** Of UTF-8: no JSON, but parsers pass over it. */
const isMark = ([a, b, c]: Uint8Array): boolean => a === 0xef && b === 0xbb && c === 0xbf;

/** The flavors of MLflow for transformers and sentence-transformers run such code without being told to trust it. */
const isInMlflow = ({ sizeBeside }: ScanContext): boolean =>
  ['MLmodel', '../MLmodel', '../../MLmodel'].some((path) => sizeBeside?.(path) !== undefined);

const refusingRemoteCode =
  (report: Report): Report =>
  (found) => {
    if (found.rule !== 'remote-code' || !found.what.startsWith('auto_map')) report(found);
    else
      report({
        ...found,
        rule: 'named-code',
        what: 'auto_map is set, and MLflow runs what it names without being told to trust it.',
        name: 'auto_map',
      });
  };
