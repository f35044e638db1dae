import type { ScanContext, ScanInput } from '../scan-input.ts';

/** Of executables and libraries of Linux, macOS (the fat ones have that of Java classes too). */
const SIGNATURES: readonly string[] = [
  '\x7fELF',
  '\xcf\xfa\xed\xfe',
  '\xce\xfa\xed\xfe',
  '\xfe\xed\xfa\xcf',
  '\xfe\xed\xfa\xce',
  '\xca\xfe\xba\xbe',
];

/** Tells programs and libraries by how they begin; those of Windows have a second header. */
export function isMachineCode(head: Uint8Array): boolean {
  const start = String.fromCharCode(...head.subarray(0, 4));
  if (SIGNATURES.includes(start)) return true;
  if (!start.startsWith('MZ') || head.length < 0x40) return false;
  const header = new DataView(head.buffer, head.byteOffset).getUint32(0x3c, true);
  return String.fromCharCode(...head.subarray(header, header + 4)) === 'PE\0\0';
}

/** Loaders of compiled models (AOTInductor, TVM, Treelite, custom operators) open libraries, which runs them. */
export async function scanMachineCode(_input: ScanInput, { report }: ScanContext): Promise<void> {
  const what = '`machine.code`: the bytes are a program or library of the machine.';
  report({ rule: 'machine-code', offset: 0, what, name: 'machine.code' });
}
