import type { RandomAccess } from '../byte-reader.ts';

const PAGE_BYTES = 64 * 1024;

/** As `access`, with one stretch kept: many small readings after each other cost one. */
export function pagedAccess(access: RandomAccess): RandomAccess {
  let start = 0;
  let page: Uint8Array = new Uint8Array(0);
  return {
    size: access.size,
    async readAt(offset, length) {
      if (length > PAGE_BYTES / 2) return access.readAt(offset, length);
      const isThere = offset >= start && offset + length <= start + page.length;
      if (!isThere) {
        start = offset;
        page = await access.readAt(offset, PAGE_BYTES);
      }
      return page.subarray(offset - start, offset - start + length);
    },
  };
}
