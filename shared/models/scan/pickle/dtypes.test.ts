import { describe, expect, test } from 'vitest';
import { layoutBefore, layoutOfState } from './dtypes.ts';
import { Entries, Global, Instance, Tuple, type Value } from './values.ts';

const dtype = new Global('numpy', 'dtype');

function type(code: Value, state?: readonly Value[]): Instance {
  const made = new Instance(dtype, new Tuple([code, false, true]), false);
  made.layout = layoutBefore(made);
  if (!state) return made;
  made.state = new Tuple(state);
  made.builds = 1;
  made.layout = layoutOfState(made);
  return made;
}
const fixed = (code: string, flags: Value): Instance =>
  type(code, [3, '<', null, null, null, undefined, undefined, flags]);
function record(field: Instance | undefined, offset: number, flags: Value, size = 8): Instance {
  const fields = new Entries();
  if (field) fields.set(['a', new Tuple([field, offset])]);
  return type('V8', [3, '|', null, undefined, fields, size, 1, flags]);
}

describe('a state that NumPy writes', () => {
  test.each([
    ['i8', 0, { itemSize: 8, hasObjects: false }],
    ['O8', 63, { itemSize: 8, hasObjects: true }],
    ['b1', 0, { itemSize: 1, hasObjects: false }],
  ])('of %s', (code, flags, layout) => {
    expect(fixed(code, flags).layout).toEqual(layout);
  });

  test('of texts', () => {
    expect(type('U5', [3, '<', null, null, null, 20, 4, 8]).layout).toEqual({
      itemSize: 20,
      hasObjects: false,
    });
  });

  test('of records, aligned or not, and of none', () => {
    expect(record(fixed('i8', 0), 0, 16).layout).toEqual({ itemSize: 8, hasObjects: false });
    expect(record(fixed('i8', 0), 0, 144).layout).toEqual({ itemSize: 8, hasObjects: false });
    expect(record(fixed('i8', 0), 0, undefined).layout).toEqual({ itemSize: 8, hasObjects: false });
    expect(record(undefined, 0, 16, 0).layout).toEqual({ itemSize: 0, hasObjects: false });
    expect(record(fixed('O8', 63), 0, 27).layout).toEqual({ itemSize: 8, hasObjects: true });
    expect(record(record(fixed('O8', 63), 0, 27), 4, 27, 12).layout).toEqual({
      itemSize: 12,
      hasObjects: true,
    });
  });
});

describe('a state that NumPy does not write', () => {
  test('has flags that do not match what it holds', () => {
    for (const made of [
      ...[fixed('O8', 0), fixed('i8', 63), record(fixed('O8', 63), 0, 16), record(fixed('O8', 63), 0, 63)],
      ...[record(fixed('i8', 0), 0, 27), record(fixed('O8', 63), 0, undefined), fixed('i8', undefined)],
    ])
      expect(made.layout).toBeUndefined();
  });

  test('has a field behind the end', () => {
    expect(record(fixed('i8', 0), 1, 16).layout).toBeUndefined();
  });

  test('has fields that something else holds', () => {
    const fields = new Entries();
    fields.isShared = true;
    expect(type('V8', [3, '|', null, undefined, fields, 8, 1, 16]).layout).toBeUndefined();
  });

  test('is one for everyone, and not for a copy', () => {
    const made = new Instance(dtype, new Tuple(['i8']), false);
    made.state = new Tuple([3, '>', null, null, null, undefined, undefined, 0]);
    expect(layoutOfState(made)).toBeUndefined();
  });
});
