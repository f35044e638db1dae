import type { ScanContext, ScanInput } from '../scan-input.ts';
import { NamedCode } from './named-code.ts';
import { reportOnce } from './once.ts';
import { findSecrets, secretWords } from './secrets.ts';
import { textParts } from './text-parts.ts';

const ENCODING = /^\s*<\?xml[^>]{0,200}?encoding\s{0,20}=\s{0,20}["']([^"']{0,40})/;
/** In these, what is looked for is written as in ASCII. */
const READ = /^(?:utf-?8|us-ascii|ascii|iso-8859-\d+|latin-?1|windows-125\d)$/i;
const DECLARATION = /<!(DOCTYPE|ENTITY)\b/gi;
/** In characters, behind its word. */
const LONGEST_DECLARATION = 500;
/** A page and a drawing beside a model say what they are so, without entities of their own. */
const HARMLESS =
  /^\s+(?:html|html\s+SYSTEM\s+["']about:legacy-compat["']|html\s+PUBLIC\s+"-\/\/W3C\/\/DTD X?HTML [^"[]*"\s*(?:"https?:\/\/www\.w3\.org\/[^"[]*")?|svg\s+PUBLIC\s+"-\/\/W3C\/\/DTD SVG [^"[]*"\s*"[^"[]*")\s*$/i;

const declared = (text: string, at: number): string =>
  text.slice(at, at + LONGEST_DECLARATION).replace(/>[\s\S]*/, '');

/**
 * Looks into XML, such as PMML: it holds no code, but reading a document type or its entities may read files or fill the
 * memory.
 */
export async function scanXml(input: ScanInput, context: ScanContext): Promise<void> {
  const report = reportOnce(context.report);
  const told = new Set<string>();
  // In YAML a text may begin so too.
  const named = new NamedCode(report, input.place);
  for await (const { text, line, offset, fresh, signs } of textParts(input, context)) {
    const encoding = offset === 0 ? ENCODING.exec(text)?.[1] : undefined;
    if (encoding !== undefined && !READ.test(encoding)) {
      const what = `The file is said to be written in ${JSON.stringify(encoding)}, not in UTF-8.`;
      report({ rule: 'cannot-look-into', offset, what });
    }
    for (const { 0: sign, 1: word, index } of text.matchAll(DECLARATION)) {
      const kind = word!.toUpperCase();
      if (told.has(kind) || HARMLESS.test(declared(text, index + sign.length))) continue;
      told.add(kind);
      report({ rule: 'xml-entities', offset: null, what: `The file has a ${kind}.` });
    }
    for (const secret of findSecrets(text, line, signs))
      report({ rule: 'secret', offset: null, what: secretWords(secret) });
    named.push(fresh);
  }
  named.finish();
}
