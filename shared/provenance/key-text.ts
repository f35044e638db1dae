import { open } from 'node:fs/promises';
import { type ErrorLocation, UserError } from '../errors.ts';

/** One block of PEM. */
export interface KeyText {
  /** Such as `PUBLIC KEY`. */
  label: string;
  /** The block as text, with its first and last line. */
  block: string;
  der: Uint8Array;
}

const LARGEST = 64 * 1024;
/** Shorter lines would turn ordinary words into stars. */
const SHORTEST_SECRET = 8;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\s]+?)-----END \1-----/g;
/** In the head of a block of SEC1 or PKCS#1, before its lines of base64. */
const OLD_ENCRYPTION = /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+Proc-Type:\s*4,\s*ENCRYPTED/;
const BEGIN = '-----BEGIN';

/**
 * The key that an input names: `env://NAME`, or a path. Lines of a private key are masked before anything can fail.
 * @throws UserError when it is not there, or is no key in PEM.
 */
export async function readKeyText(
  given: string,
  options: { env: NodeJS.ProcessEnv; mask: (secret: string) => void; where: ErrorLocation },
): Promise<KeyText> {
  const { where } = options;
  if (given.includes(BEGIN)) {
    maskLines(given, options.mask);
    throw new UserError('The key itself stands where its place is wanted.', {
      where,
      fix: 'Put the key into a variable of the step (env: MODEL_KEY: secrets.…) and write env://MODEL_KEY here.',
    });
  }
  const text = given.startsWith('env://')
    ? fromVariable(given.slice('env://'.length), options.env, where)
    : await fromFile(given, where);
  maskLines(text, options.mask);
  if (OLD_ENCRYPTION.test(text)) {
    throw new UserError('The private key is encrypted in the old way of OpenSSL, which is not read.', {
      where,
      fix: 'Convert it with `openssl pkcs8 -topk8 -in old.pem -out new.pem`, which asks for the old password and for a new one; give the new file here, and the new password as COSIGN_PASSWORD.',
    });
  }
  // `openssl ecparam -genkey` writes the curve before the key, in a block of its own.
  const blocks = [...text.matchAll(BLOCK)].filter(([, label]) => label !== 'EC PARAMETERS');
  const [first, ...more] = blocks;
  if (!first || more.length > 0) {
    throw new UserError(
      first ? 'There is more than one key where one is wanted.' : 'This is not a key in PEM.',
      { where, fix: 'A key begins with a line like -----BEGIN PUBLIC KEY----- and has all its lines.' },
    );
  }
  const [block, label = '', body = ''] = first;
  return { label, block, der: Buffer.from(body, 'base64') };
}

function fromVariable(name: string, env: NodeJS.ProcessEnv, where: ErrorLocation): string {
  const value = env[name];
  if (value) return value;
  throw new UserError(`The variable ${JSON.stringify(name)} that should hold the key is empty or not set.`, {
    where,
    fix: 'Set it in the env of this step, from a secret. Pull requests of forks are given no secrets.',
  });
}

async function fromFile(path: string, where: ErrorLocation): Promise<string> {
  const scheme = /^([a-z][a-z0-9+.-]+):(?:\/\/|[a-z])/.exec(path)?.[1];
  if (scheme && scheme.length > 1) {
    throw new UserError(`Keys are read from a file or a variable, not by ${scheme}:.`, {
      where,
      fix: 'Give a path or env://NAME. With a key in a cloud, sign with cosign itself: its signatures count here.',
    });
  }
  try {
    const handle = await open(path);
    try {
      const status = await handle.stat();
      // A folder of many files has the size of a large file.
      if (status.size <= LARGEST || status.isDirectory()) return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new UserError(`The key file ${path} cannot be read.`, {
      where: { ...where, file: path },
      fix: 'Check the path; it is relative to the working directory.',
      cause,
    });
  }
  throw new UserError(`The file ${path} is too large to be a key.`, { where: { ...where, file: path } });
}

function maskLines(text: string, mask: (secret: string) => void): void {
  if (!text.includes('PRIVATE KEY-----')) return;
  for (const line of text.split(/\r?\n|\\n/)) {
    const secret = line.trim();
    if (secret.length >= SHORTEST_SECRET && !secret.startsWith('-----')) mask(secret);
  }
}
