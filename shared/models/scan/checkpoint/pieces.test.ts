import { expect, test } from 'vitest';
import { CheckpointPieces, type Piece } from './pieces.ts';

const at = (...[file, ...members]: [string, ...string[]]) => ({ file, members });
const piece = (offset: number, length: number, path = '__0_0.distcp'): Piece => ({ path, offset, length });
const told = (pieces: CheckpointPieces) => [...pieces.settle()].map(({ found }) => found.what);

/** Of a file of 100 bytes, with archives up to 40 and from there on. */
function looked(): CheckpointPieces {
  const pieces = new CheckpointPieces();
  pieces.lookedInto(at('run/__0_0.distcp'), 100);
  pieces.lookedIntoArchive(at('run/__0_0.distcp'), 0, 40);
  pieces.lookedIntoArchive(at('run/__0_0.distcp'), 40, 100);
  return pieces;
}

test('whole files and whole archives were looked into', () => {
  const pieces = looked();
  pieces.named(at('run/.metadata'), [piece(0, 40), piece(40, 60), piece(0, 100), piece(0, 40)]);
  expect(told(pieces)).toEqual([]);
});

test('it does not matter which comes first', () => {
  const pieces = new CheckpointPieces();
  pieces.named(at('a.tar', './run/.metadata'), [piece(0, 7)]);
  pieces.lookedInto(at('a.tar', 'run/__0_0.distcp'), 7);
  expect(told(pieces)).toEqual([]);
});

test.each<[string, Piece]>([
  ['a part of an archive', piece(0, 39)],
  ['two archives of three', piece(1, 99)],
  ['nothing', piece(40, 0)],
  ['more than the file', piece(0, 101)],
  ['a file that is not there', piece(0, 40, '__1_0.distcp')],
  ['a file of another format', piece(0, 40, 'model.pt')],
  ['a file of another folder', piece(0, 40, '../run/__0_0.distcp')],
  ['a hidden file', piece(0, 40, '.distcp')],
])('%s was not', (_what, named) => {
  const pieces = looked();
  pieces.named(at('run/.metadata'), [named]);
  expect(told(pieces)).toHaveLength(1);
});

test('files of another folder or archive are others', () => {
  const pieces = looked();
  pieces.named(at('other/.metadata'), [piece(0, 40)]);
  pieces.named(at('run/a.tar', '.metadata'), [piece(0, 40)]);
  expect(told(pieces)).toEqual(Array(2).fill('It names "__0_0.distcp", which does not lie beside it.'));
});

test.each([['run/__0_0.distcp'], ['run/./__0_0.distcp'], ['run\\__0_0.DISTCP'], ['Run/__0_0.distcp']])(
  'of two files that become one, as %s, nobody knows which',
  (path) => {
    const pieces = looked();
    pieces.lookedInto(at(path), 100);
    pieces.named(at('run/.metadata'), [piece(0, 40)]);
    expect(told(pieces)).toEqual(['It names "__0_0.distcp", of which there are two.']);
  },
);

test('a file whose size is not known was not looked into as a whole', () => {
  const pieces = new CheckpointPieces();
  pieces.lookedInto(at('__0_0.distcp'), undefined);
  pieces.named(at('.metadata'), [piece(0, 40)]);
  expect(told(pieces)).toHaveLength(1);
});

test('what is told is told once, and not without bounds', () => {
  const pieces = looked();
  pieces.named(at('run/.metadata'), [
    piece(1, 2),
    piece(1, 2),
    ...Array.from({ length: 90 }, (_, at) => piece(2, at)),
  ]);
  expect(told(pieces)).toHaveLength(20);
  expect(told(pieces)).toEqual([]);
});

test('of more pieces than are remembered none passes', () => {
  const pieces = looked();
  pieces.named(at('run/.metadata'), Array(1_000_000).fill(piece(0, 40)));
  expect(told(pieces)).toEqual(['The checkpoints of the model have more than 1,000,000 pieces.']);
});
