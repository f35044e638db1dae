import { replaceEach } from './replace-each.ts';

/** As `str.splitlines` of Python ends lines. */
const OF_PYTHON = /\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/;
/** As PyYAML ends lines, at fewer characters; the later YAML does so at fewer still. */
const OF_PYYAML = /\r\n?|[\x85\u2028\u2029]/g;

export const linesOfPython = (text: string): string[] => text.split(OF_PYTHON);

/** The same text with all ends of lines as line feeds: other readers of YAML end lines, and with them comments, nowhere else. */
export const withLineFeeds = (text: string): string => replaceEach(text, OF_PYYAML, () => '\n');
