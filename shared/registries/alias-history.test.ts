import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHistory, previousDigest } from './alias-history.ts';
import type { AliasMove } from './registry.ts';

function move(from: string | null, to: string, operation: AliasMove['operation'] = 'promote'): AliasMove {
  return { from, to, operation, at: '2026-01-01T00:00:00Z' };
}

describe('the version before', () => {
  const straight = [move(null, 'a'), move('a', 'b'), move('b', 'c')];
  test.each([
    ['nothing before the first', straight.slice(0, 1), 'a', undefined],
    ['the one before', straight, 'c', 'b'],
    ['of a rollback the one before that', [...straight, move('c', 'b', 'rollback')], 'b', 'a'],
    [
      'of two rollbacks nothing',
      [...straight, move('c', 'b', 'rollback'), move('b', 'a', 'rollback')],
      'a',
      undefined,
    ],
    [
      'after a rollback and a new version',
      [...straight, move('c', 'b', 'rollback'), move('b', 'd')],
      'd',
      'b',
    ],
    ['as if the interrupted last move had not been', straight, 'b', 'a'],
    ['of a move by another tool the last one known', straight, 'x', 'c'],
    ['with a move by another tool in between', [move(null, 'a'), move('x', 'b')], 'b', 'x'],
    ['of a move that was written twice', [...straight, move('b', 'c')], 'c', 'b'],
    ['without any history', [], 'a', undefined],
  ])('%s', (_title, moves, current, expected) => {
    expect(previousDigest(moves, current)).toBe(expected);
  });

  test('undoes any row of promotions one by one, to the first', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 }), (digests) => {
        const moves = digests.map((to, index) => move(digests[index - 1] ?? null, to));
        for (let index = digests.length - 1; index > 0; index--) {
          const previous = previousDigest(moves, digests[index]!);
          expect(previous).toBe(digests[index - 1]);
          moves.push(move(digests[index]!, digests[index - 1]!, 'rollback'));
        }
        expect(previousDigest(moves, digests[0]!)).toBeUndefined();
      }),
    );
  });

  test('is not guessed from a damaged history', () => {
    expect(() => parseHistory('[{"to":', 'champion')).toThrow(
      'The history of the alias champion cannot be read',
    );
    expect(() => parseHistory('[{"to": 3}]', 'champion')).toThrow('cannot be read');
  });
});
