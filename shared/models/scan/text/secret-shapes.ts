import type { SecretSign } from './secret-signs.ts';

export interface SecretShape {
  kind: string;
  /** One of these, in capitals or not, is in each. */
  signs: readonly SecretSign[];
  /** Its group 1, or all of it, is the value. */
  pattern: RegExp;
  /** Bits per character that the value must have: words and placeholders have fewer. */
  leastEntropy?: number;
}

const texts = (...signs: string[]): SecretSign[] => signs.map((text) => ({ text }));

/** Between a name and the colon or `=` behind it: a quote, and five blanks. */
const MOST_BETWEEN = 6;
const isNamed = (bytes: Uint8Array, at: number, end: number): boolean => {
  const stop = Math.min(end, at + MOST_BETWEEN + 1);
  for (let place = at; place < stop; place++) if (bytes[place] === 0x3a || bytes[place] === 0x3d) return true;
  return stop === end;
};
const MOST_USER = 100;
const endsUser = (byte: number): boolean => byte <= 0x20 || [0x2f, 0x40, 0x22, 0x27].includes(byte);
/** Whether a colon follows in an address before anything that ends the name of a user. */
const hasPassword = (bytes: Uint8Array, at: number, end: number): boolean => {
  const stop = Math.min(end, at + MOST_USER + 1);
  for (let place = at; place < stop; place++) {
    if (bytes[place] === 0x3a) return place > at;
    if (endsUser(bytes[place]!)) return false;
  }
  return stop === end;
};

/** Well-known shapes of keys, the most telling first. */
export const SECRET_SHAPES: readonly SecretShape[] = [
  {
    kind: 'private key',
    signs: texts('PRIVATE KEY'),
    // Programs name the line alone; a key has letters below it. Below the next such line they are of that one.
    pattern:
      /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?=(?:[^-]|-(?!----BEGIN )){0,300}?[A-Za-z0-9+/]{40})/g,
  },
  { kind: 'AWS access key', signs: texts('AKIA', 'ASIA'), pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  {
    kind: 'GitHub token',
    signs: texts('ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'),
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})\b/g,
  },
  {
    kind: 'Hugging Face token',
    signs: texts('hf_', 'api_org_'),
    pattern: /\b(?:hf|api_org)_[A-Za-z]{30,40}\b/g,
  },
  {
    kind: 'Slack token',
    signs: texts('xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-'),
    pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{20,250}\b/g,
  },
  {
    kind: 'Slack webhook',
    signs: texts('hooks.slack'),
    pattern: /\bhooks\.slack\.com\/services\/(T[A-Z0-9]{6,12}\/B[A-Z0-9]{6,12}\/[A-Za-z0-9]{20,30})/g,
  },
  { kind: 'Google API key', signs: texts('AIza'), pattern: /\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g },
  { kind: 'Anthropic key', signs: texts('sk-ant-'), pattern: /\bsk-ant-[A-Za-z0-9_-]{24,200}/g },
  {
    kind: 'OpenAI key',
    signs: texts('sk-'),
    pattern: /\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,200}/g,
    leastEntropy: 3.5,
  },
  {
    kind: 'Stripe key',
    signs: texts('rk_live_', 'sk_live_'),
    pattern: /\b[rs]k_live_[A-Za-z0-9]{20,200}\b/g,
  },
  { kind: 'PyPI token', signs: texts('pypi-AgE'), pattern: /\bpypi-AgE[A-Za-z0-9_-]{50,300}/g },
  { kind: 'GitLab token', signs: texts('glpat-'), pattern: /\bglpat-[A-Za-z0-9_-]{20,60}\b/g },
  {
    kind: 'JSON web token',
    signs: texts('eyJ'),
    pattern: /\beyJ[A-Za-z0-9_-]{10,300}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,1000}/g,
  },
  {
    kind: 'address with a password',
    signs: [{ text: '://', confirm: hasPassword }],
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/'"]{1,100}:([^\s:@/'"]{6,200})@/g,
    leastEntropy: 2.8,
  },
  {
    kind: 'password or key',
    signs: texts(
      'password',
      'passwd',
      'secret',
      'apikey',
      'api_key',
      'api-key',
      'accesskey',
      'access_key',
      'access-key',
      'authtoken',
      'auth_token',
      'auth-token',
      'accesstoken',
      'access_token',
      'access-token',
    ).map((sign) => ({ ...sign, confirm: isNamed })),
    // A value of letters alone is the name of one.
    pattern:
      /\b(?:[a-z0-9]{0,30}[_-]?)(?:password|passwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|access[_-]?token)['"]?\s{0,5}[:=]\s{0,5}['"](?=[^\s'"\d]*\d)([^\s'"]{10,200})['"]/gi,
    leastEntropy: 3.4,
  },
];
