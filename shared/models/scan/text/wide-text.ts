import { ByteReader, type ByteSource } from '../byte-reader.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { type WideEncoding, wideEncoding } from './wide-encoding.ts';

/** Looks into a text that is written in UTF-16 or UTF-32, as it would be in UTF-8. */
export async function scanWideText(input: ScanInput, context: ScanContext): Promise<void> {
  const { reader } = input;
  await reader.ensure(4);
  const encoding = wideEncoding(reader.bytes.subarray(reader.position, reader.end));
  if (encoding === undefined) return;
  const text = asUtf8(reader.rest(), encoding, context.signal);
  await context.inner(`as ${encoding.toUpperCase()}`, { reader: new ByteReader(text), size: undefined });
}

function asUtf8(source: ByteSource, encoding: WideEncoding, signal: AbortSignal): ByteSource {
  const decode = encoding.startsWith('utf-16') ? utf16(encoding) : utf32(encoding === 'utf-32le');
  return {
    async read() {
      for (let part = await source.read(); part !== null; part = await source.read()) {
        signal.throwIfAborted();
        const text = decode(part);
        if (text !== '') return new TextEncoder().encode(text);
      }
      return null;
    },
  };
}

/** What is cut off at the end is no character, and left out. */
function utf16(encoding: string): (part: Uint8Array) => string {
  const decoder = new TextDecoder(encoding);
  return (part) => decoder.decode(part, { stream: true });
}

function utf32(isLittle: boolean): (part: Uint8Array) => string {
  let rest = Buffer.alloc(0);
  return (part) => {
    const bytes = Buffer.concat([rest, part]);
    const whole = bytes.length - (bytes.length % 4);
    rest = bytes.subarray(whole);
    let text = '';
    for (let at = 0; at < whole; at += 4) {
      const code = isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
      if (code !== 0xfeff) text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
    }
    return text;
  };
}
