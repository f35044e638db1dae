/** A key or password in a text. Of its value nothing but the beginning is kept. */
export interface Secret {
  kind: string;
  /** From 1. */
  line: number;
  /** Its first four characters. */
  beginning: string;
}

interface Shape {
  kind: string;
  /** Its group 1, or all of it, is the value. */
  pattern: RegExp;
  /** Bits per character that the value must have: words and placeholders have fewer. */
  leastEntropy?: number;
}

/** Well-known shapes of keys, the most telling first. */
const SHAPES: readonly Shape[] = [
  { kind: 'private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/g },
  { kind: 'AWS access key', pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  { kind: 'GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})\b/g },
  { kind: 'Hugging Face token', pattern: /\b(?:hf|api_org)_[A-Za-z]{30,40}\b/g },
  { kind: 'Slack token', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{20,250}\b/g },
  {
    kind: 'Slack webhook',
    pattern: /\bhooks\.slack\.com\/services\/(T[A-Z0-9]{6,12}\/B[A-Z0-9]{6,12}\/[A-Za-z0-9]{20,30})/g,
  },
  { kind: 'Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g },
  { kind: 'Anthropic key', pattern: /\bsk-ant-[A-Za-z0-9_-]{24,200}/g },
  { kind: 'OpenAI key', pattern: /\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,200}/g, leastEntropy: 3.5 },
  { kind: 'Stripe key', pattern: /\b[rs]k_live_[A-Za-z0-9]{20,200}\b/g },
  { kind: 'PyPI token', pattern: /\bpypi-AgE[A-Za-z0-9_-]{50,300}/g },
  { kind: 'GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20,60}\b/g },
  {
    kind: 'JSON web token',
    pattern: /\beyJ[A-Za-z0-9_-]{10,300}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,1000}/g,
  },
  {
    kind: 'address with a password',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/'"]{1,100}:([^\s:@/'"]{6,200})@/g,
    leastEntropy: 2.8,
  },
  {
    kind: 'password or key',
    pattern:
      /\b(?:[a-z0-9]{0,30}[_-]?)(?:password|passwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|access[_-]?token)['"]?\s{0,5}[:=]\s{0,5}['"]([^\s'"]{10,200})['"]/gi,
    leastEntropy: 3.4,
  },
];
/** One of these is in each of them: most texts have none, and need not be looked at again for each shape. */
const SIGN =
  /-BEGIN|AKIA|ASIA|gh[pousr]_|github_pat_|hf_|api_org_|xox|hooks\.slack|AIza|sk-|k_live_|pypi-|glpat-|eyJ|:\/\/|passw|secret|key|token/i;
/** What stands for a value that is given elsewhere. */
const PLACEHOLDER =
  /^(?:\$|<|\{|%|\*|x{4}|your|my|example|changeme|dummy|test|none|null|env|os\.)|(?:example|placeholder|redacted)/i;

/** Shannon's entropy of the characters of a text, in bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

function isMeant(value: string, shape: Shape): boolean {
  if (shape.leastEntropy === undefined) return true;
  return entropy(value) >= shape.leastEntropy && !PLACEHOLDER.test(value);
}

/**
 * Finds keys and passwords by their shape.
 *
 * @param firstLine number of the line on which the text begins.
 */
export function findSecrets(text: string, firstLine = 1): Secret[] {
  if (!SIGN.test(text)) return [];
  const found = new Map<number, Secret>();
  for (const shape of SHAPES) {
    for (const match of text.matchAll(shape.pattern)) {
      const value = match[1] ?? match[0];
      const at = match.index + match[0].lastIndexOf(value);
      if (!isMeant(value, shape) || found.has(at)) continue;
      const line = firstLine + (text.slice(0, at).match(/\n/g)?.length ?? 0);
      found.set(at, { kind: shape.kind, line, beginning: value.slice(0, 4) });
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([, secret]) => secret);
}

/** What a finding says of it. */
export function secretWords({ kind, line, beginning }: Secret): string {
  const article = /^[AEIO]/.test(kind) || kind.startsWith('address') ? 'An' : 'A';
  return `${article} ${kind} that begins with ${JSON.stringify(beginning)} is written in line ${line}.`;
}
