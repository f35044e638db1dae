import { expect } from 'vitest';

const VOID_TAGS = ['meta', 'br', '!doctype'];

const TAG = /<(\/?)([!a-zA-Z][a-zA-Z0-9]*)((?:\s+[\w-]+(?:="[^"<>]*")?)*)\s*(\/?)>/g;

/** Checks that every element is closed in turn, and returns the tags in order and the text between them. */
export function parsePage(page: string): { tags: string[]; text: string } {
  const open: string[] = [];
  const tags: string[] = [];
  const body = page.replace(/<style>[\s\S]*?<\/style>/g, '<style></style>');
  for (const [, closes, name, attributes, closesItself] of body.matchAll(TAG)) {
    if (closes) {
      expect(open.pop()).toBe(name);
      continue;
    }
    tags.push(name!);
    expect(attributes!.replace(/"[^"]*"/g, '""')).not.toMatch(/\son\w+=|\ssrc=/i);
    expect(attributes).not.toMatch(/="\s*javascript:/i);
    if (!closesItself && !VOID_TAGS.includes(name!)) open.push(name!);
  }
  expect(open).toEqual([]);
  const text = body.replace(TAG, '');
  expect(text).not.toMatch(/[<>]/);
  return { tags, text };
}
