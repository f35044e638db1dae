import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter, Tail } from './lines.ts';

function split(chunks: Uint8Array[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

describe('LineSplitter', () => {
  test('gives the same lines however the bytes are cut', () => {
    const character = fc.constantFrom('a', 'ü', '😀', '\n', '\r', ' ');
    fc.assert(
      fc.property(fc.array(character), fc.array(fc.nat({ max: 40 })), (characters, cuts) => {
        const bytes = Buffer.from(characters.join(''));
        const places = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b);
        const edges = [0, ...places, bytes.length];
        const chunks = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
        expect(split(chunks)).toEqual(split([bytes]));
      }),
    );
  });

  test('keeps the last state of a progress bar', () => {
    expect(split([Buffer.from('10 %\r50 %\r100 %\ndone\r\n')])).toEqual(['100 %', 'done']);
  });

  test('cuts an endless line instead of keeping it', () => {
    const lines = split(Array.from({ length: 100 }, () => Buffer.alloc(100_000, 'x')));
    expect(lines).toHaveLength(1);
    expect(lines[0]!.length).toBeLessThan(17_000);
    expect(lines[0]).toMatch(/… \(line cut\)$/);
  });
});

describe('Tail', () => {
  test('keeps the last lines within both limits', () => {
    const tail = new Tail(5, 30);
    for (let index = 0; index < 1000; index++) tail.add(`line ${index}`);
    expect(tail.lines()).toEqual(['line 997', 'line 998', 'line 999']);
  });

  test('keeps the end of a last line that is longer than the limit', () => {
    const tail = new Tail(5, 4);
    tail.add('abcdefgh');
    expect(tail.lines()).toEqual(['efgh']);
  });
});
