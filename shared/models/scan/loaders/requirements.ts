import type { ScanContext, ScanInput } from '../scan-input.ts';
import { linesOfPython } from '../text/line-ends.ts';
import { reportOnce } from '../text/once.ts';
import { wholeText } from './whole-text.ts';

const MOST_BYTES = 1_000_000;
/** Options of pip but for those that only choose among packages: it takes any beginning of a long one for it. */
const OPTION =
  /^(?:-[efi]|(?:-[rc]|--requirement|--constraint)[\s=]*[a-z]+:\/\/|--(?!-|(?:hash|no-binary|only-binary|prefer-binary|require-hashes|pre|use-feature|no-index|requirement|constraint)(?:[\s=]|$)))/i;
const ADDRESS =
  /^(?:[\w.-]+(?:\[[^\]]*\])?\s*@\s*)?(?:(?:git|hg|svn|bzr)\+|[a-z]+:\/\/|file:|\.{1,2}[/\\]|[/\\])/i;
/** Where the packages of Python, PyTorch and conda come from. */
const KNOWN =
  /^(?:--?[a-z-]+[\s=]\s*)?https:\/\/(?:pypi\.org\/simple|download\.pytorch\.org\/whl|conda\.anaconda\.org)(?:\/[\w./-]*)?$/;

/** As pip joins lines that end in a backslash, but for those of comments. */
function joinedLines(text: string): string[] {
  const lines: string[] = [];
  let begun = '';
  for (const line of linesOfPython(text)) {
    const isComment = /^\s*#/.test(line);
    if (line.endsWith('\\') && !isComment) begun += line.replace(/^\\+|\\+$/g, '');
    else {
      lines.push(isComment ? `${begun} ${line}` : begun + line);
      begun = '';
    }
  }
  return [...lines, begun];
}

/** Looks into what an environment is made from: installing a package runs its code. */
export async function scanRequirements(input: ScanInput, context: ScanContext): Promise<void> {
  const report = reportOnce(context.report);
  const text = await wholeText(input, MOST_BYTES);
  if (text === undefined) return;
  for (const line of joinedLines(text)) {
    // Both files are lists: that of pip one a line, that of conda in YAML.
    const entry = line
      .trim()
      .replace(/^-\s+/, '')
      .replace(/^["']|["']$/g, '');
    if ((!OPTION.test(entry) && !ADDRESS.test(entry)) || KNOWN.test(entry)) continue;
    const what = `A line says ${JSON.stringify(entry.slice(0, 200).replace(/:\/\/[^\s/@]*@/, '://…@'))}.`;
    report({ rule: 'package-source', offset: null, what });
  }
}
