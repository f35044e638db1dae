import { describe, expect, test } from 'vitest';
import { ALLOWED } from './allow/allowed.ts';
import { CALLED } from './allow/called.ts';
import { judgeCall } from './judge.ts';

const namesIn = (lists: readonly Record<string, string>[]): string[] =>
  lists.flatMap((list) =>
    Object.entries(list).flatMap(([module, names]) => names.split(/\s+/).map((name) => `${module} ${name}`)),
  );

test('what may be called is on the list of what may be named', () => {
  const allowed = new Set(namesIn(ALLOWED));
  expect(namesIn(CALLED).filter((name) => !allowed.has(name))).toEqual([]);
});

describe('an import on the list', () => {
  const array = { module: 'numpy', name: 'ndarray' };

  test('may be made empty, and not called', () => {
    expect(judgeCall(array, 'bare')).toBeUndefined();
    expect(judgeCall(array, 'now')).toMatch(/^is called with arguments/);
    expect(judgeCall(array, 'kept')).toMatch(/^is called later/);
  });

  test('may be called where picklers call it', () => {
    expect(judgeCall({ module: 'numpy', name: 'dtype' }, 'now')).toBeUndefined();
  });

  test('may be kept for later where it is a function or an estimator', () => {
    expect(judgeCall({ module: 'numpy', name: 'clip' }, 'kept')).toBeUndefined();
    expect(judgeCall({ module: 'sklearn.linear_model._ridge', name: 'Ridge' }, 'kept')).toBeUndefined();
  });

  test('gets items where it is a list or a dictionary', () => {
    expect(judgeCall({ module: 'collections', name: 'deque' }, 'appended')).toBeUndefined();
    expect(judgeCall({ module: 'collections', name: 'OrderedDict' }, 'filled')).toBeUndefined();
    expect(judgeCall({ module: 'collections', name: 'OrderedDict' }, 'appended')).toMatch(/^gets items/);
    expect(judgeCall({ module: 'builtins', name: 'set' }, 'added')).toBeUndefined();
    expect(judgeCall({ module: 'types', name: 'SimpleNamespace' }, 'filled')).toMatch(/^gets items/);
  });
});

test('how a class is called that is not on the list is not judged: its import is', () => {
  expect(judgeCall({ module: 'churn', name: 'Model' }, 'now')).toBeUndefined();
});
