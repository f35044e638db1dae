import { describe, expect, test } from 'vitest';
import { identify } from '../identify.ts';
import { torchRoles } from './torch-archive.ts';

const PROGRAM = ['p/archive_format', 'p/models/model.json'];

describe('torchRoles of an exported program', () => {
  test.each([
    ['p/data/weights/weight_0', 'saved-numbers'],
    ['p/data/constants/tensor_12', 'saved-numbers'],
    ['p/Data/Constants/Opaque_obj_0', 'pickle'],
    ['p/data/weights/model_weights_config.json', undefined],
    ['p/models/model.json', undefined],
    ['q/data/weights/weight_0', undefined],
  ])('of %s', (name, role) => {
    expect(torchRoles(PROGRAM)(name)).toBe(role);
  });

  test('takes no program for numbers, and no pickle for less, whatever lies beside', () => {
    const names = [...PROGRAM, 'p/models/data.pkl', 'p/models/version', 'p/data.pkl', 'p/version'];
    expect(torchRoles(names)('p/models/data/model.json')).toBeUndefined();
    expect(torchRoles(names)('p/data.pkl')).toBe('pickle');
    expect(torchRoles(names)('p/data/0')).toBe('numbers');
  });
});

describe('identify', () => {
  test('takes a tensor for what torch.save made of it, and nothing else', () => {
    const formatsOf = (begin: string) => {
      const head = Buffer.concat([Buffer.from(begin, 'latin1'), Buffer.alloc(60, 0xf3)]);
      return identify(head, { size: 64, role: 'saved-numbers' });
    };
    expect(formatsOf('PK\x03\x04')).toEqual(['zip']);
    expect(formatsOf('\x0a\x02ab\x12\x7f')).toEqual(['unknown']);
    expect(formatsOf('{"a": 1}')).toEqual(['unknown']);
  });
});
