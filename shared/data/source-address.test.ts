import { describe, expect, test } from 'vitest';
import { publicName, sourceKind } from './source-address.ts';

describe('sourceKind', () => {
  test.each([
    ['data/a.csv', 'file'],
    ['C:\\data\\a.csv', 'file'],
    ['https://example.com/a.csv', 'https'],
    ['S3://bucket/key', 's3'],
    ['postgres://h/d#t', 'postgresql'],
    ['sqlite:a.db#t', 'sqlite'],
  ])('%s is %s', (given, kind) => expect(sourceKind(given)).toBe(kind));

  test('another scheme is an error', () => {
    expect(() => sourceKind('gs://bucket/a.csv')).toThrow(/gs:\/\/ addresses/);
  });
});

describe('publicName', () => {
  test.each([
    ['data/a.csv', 'data/a.csv'],
    ['https://me:secret@example.com/a@1.csv?X-Amz-Signature=secret#secret', 'https://example.com/a@1.csv'],
    ['s3://bucket/a?.csv', 's3://bucket/a?.csv'],
    [
      'postgresql://me:secret@db.example.com:5432/sales?sslmode=require#public.rides',
      'postgresql://db.example.com:5432/sales#public.rides',
    ],
    ['postgresql://me:sec#ret@db/sales#t', 'postgresql://db/sales#t'],
    ['postgresql://me:sec/re?t@db/sales#t', 'postgresql://db/sales#t'],
    ['postgresql://me:s@cret@db/sales#t', 'postgresql://db/sales#t'],
    ['sqlite:a.db#t', 'sqlite:a.db#t'],
  ])('%s becomes %s', (given, name) => expect(publicName(given)).toBe(name));
});
