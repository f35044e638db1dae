/**
 * What Python packs, which Node cannot. Made once by this, with `plain` and `evil` as the pickles of scan-one.ts:
 *
 *     import base64, bz2, lzma, subprocess
 *     import lz4.frame
 *     contents = {
 *         "plain": plain, "evil": evil, "first": evil[:8], "second": evil[8:],
 *         "long": b"\x80\x02" + b"".join(b"(S'weight %d'\\n0" % (n % 40) for n in range(6_000)) + evil,
 *     }
 *     for compress in (
 *         lambda c: bz2.compress(c, 1), lzma.compress, lambda c: lzma.compress(c, format=lzma.FORMAT_ALONE),
 *         lambda c: lz4.frame.compress(c, 9, block_checksum=True, content_checksum=True),
 *         lambda c: subprocess.run(["lz4", "-l", "-9", "-c"], input=c, capture_output=True).stdout,
 *     ):
 *         for content in contents.values():
 *             print(base64.b64encode(compress(content)).decode())
 */
import { EVIL_PICKLE, PLAIN_PICKLE } from './scan-one.ts';

export const CONTENTS = {
  plain: PLAIN_PICKLE,
  evil: EVIL_PICKLE,
  first: EVIL_PICKLE.subarray(0, 8),
  second: EVIL_PICKLE.subarray(8),
  long: Buffer.concat([
    Buffer.from([0x80, 2]),
    ...Array.from({ length: 6_000 }, (_, n) => Buffer.from(`(S'weight ${n % 40}'\n0`)),
    EVIL_PICKLE,
  ]),
};

export type Content = keyof typeof CONTENTS;

const PACKED = {
  bzip2: {
    plain: 'QlpoMTFBWSZTWX8MheMAAAhXwHAAAAEACABAIAAoAkAAIAAxANNNBDQaGgGAwVxLJTy8XckU4UJB/DIXjA==',
    evil: 'QlpoMTFBWSZTWUIPwQEAAAXTgAAQQMEYAApDjCAgADFMABNBqDQPU2UFQkcllTw4hVDtL9I2Pi7kinChIIQfggI=',
    first: 'QlpoMTFBWSZTWa+rIKQAAADBgAAQCACMICAAMMAIYaSygdhdyRThQkK+rIKQ',
    second: 'QlpoMTFBWSZTWY8NciQAAAZTgAAQQMEYAApDjAAgADFMAAEJkaPSep6lySNBA8Rn2GSv4u5IpwoSEeGuRIA=',
    long: 'QlpoMTFBWSZTWehF/oUArOjbwBAQQMF/4BgACuOMoEAAQAJbgUBMYwAAAABjAAAAACaqlNPU00w1DEwYoFKqP1TU0/1VDAEGmGvfGqEL1hnVCFn0SVwiVhJHJSO5SO9SPBSPFSPJSPNSPRSPVSOqkapGqRzUjVI1SNUjVI1SNUjVI7FI1SNUjVIxSNUjVI1SNUjVI1SOFI4UjhSOFI4UjhSW7PsqELnz4hELt1iVlErKpHgpHUKlTFI6KR0UjopHMqVMUjFI5qRikcipUxSMUjFIxFRYpGKRikYpGKRikYpGKRikYpGKRikYpGKRikYpGKRikYpGKRykjkpGKRikZ5fuFULxu6ddKoQvjHSqEL1nVCFslCFps85a/mNUIWG/hVCFhr4XckU4UJDoRf6F',
  },
  xz: {
    plain:
      '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAQgAJ9cQBYAQAAAGFxAUsBcy4AAAAA1VPe4cM0Q1sAASkRMgpwDh+2830BAAAAAARZWg==',
    evil: '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAbY29zCnN5c3RlbQooUydlY2hvIHNlZW4nCnRSLgAp1PJgXLL/TgABNByTGq2PH7bzfQEAAAAABFla',
    first: '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAHY29zCnN5c3QAWXdKvNU4bewAASAIuxnZux+2830BAAAAAARZWg==',
    second:
      '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQATZW0KKFMnZWNobyBzZWVuJwp0Ui4AcNSoq5bjBW8AASwU+AptAx+2830BAAAAAARZWg==',
    long: '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4VnRAMVdAEAAgN0Huayd+/Dg/ibQdcUZUE0x2UbGOyeOvFnApbMec4zitRD+G7VDQiZtLGOknbCWl5S6Dde2Ac3BujuWKmoYq34k3wblgkBX0lcbqZSyrHFozO04ZbjoXDKskQjFan7GpOc+kxJMSTZdza6aMP5ECk8Tm+ehMMG1t5lxfR+ooiXoRMYmyyF7y1PC5ZkZlgAbJbjnFGTv9czzNOl3cXwElUIDQWxMY2jOJsEMUn7N8y4qwCpKnI8yzwDZRF08MTdV8yAAAAAAANQBYQSSC+JKAAHhAdKzBQBU8B8VscRn+wIAAAAABFla',
  },
  lzma: {
    plain: 'XQAAgAD//////////wBAAIsp14FiTVg/mvi3LwfS+Jc/a+P//sYgAA==',
    evil: 'XQAAgAD//////////wAxm8rGsnxl39+RWZ+x1n4tC59c9MjCqnvmSeeYIGCgtP///vxgAA==',
    first: 'XQAAgAD//////////wAxm8rGsnxl3+CNREn//0b4AAA=',
    second: 'XQAAgAD//////////wAymz1CMWwOeY/TGCrzxN+SaixHdbw0DOVn//yy0AA=',
    long: 'XQAAgAD//////////wBAAIDdB7msnfvw4P4m0HXFGVBNMdlGxjsnjrxZwKWzHnOM4rUQ/hu1Q0ImbSxjpJ2wlpeUug3XtgHNwbo7lipqGKt+JN8G5YJAV9JXG6mUsqxxaMztOGW46FwyrJEIxWp+xqTnPpMSTEk2Xc2umjD+RApPE5vnoTDBtbeZcX0fqKIl6ETGJsshe8tTwuWZGZYAGyW45xRk7/XM8zTpd3F8BJVCA0FsTGNozibBDFJ+zfMuKsAqSpyPMs8A2URdPDE32Paff//Xqo8A',
  },
  lz4: {
    plain: 'BCJNGHxAEQAAAAAAAADFEQAAgIACfXEAWAEAAABhcQFLAXMum8DdagAAAACbwN1q',
    evil: 'BCJNGHxAHAAAAAAAAACvHAAAgGNvcwpzeXN0ZW0KKFMnZWNobyBzZWVuJwp0Ui6gNkgDAAAAAKA2SAM=',
    first: 'BCJNGHxACAAAAAAAAAAtCAAAgGNvcwpzeXN0xbGxRQAAAADFsbFF',
    second: 'BCJNGHxAFAAAAAAAAAAUFAAAgGVtCihTJ2VjaG8gc2VlbicKdFIu7hAFEgAAAADuEAUS',
    long: 'BCJNGFxA0lkBAAAAAABftAEAAPYBgAIoUyd3ZWlnaHQgMCcKMA4AGTEOABkyDgAZMw4AGTQOABk1DgAZNg4AGTcOABk4DgAaOX4AC40ACo4AGjGPABoxkAAaMZEAGjGSABoxkwAaMZQAGjGVABoxlgAaMpYAGzIkAQqWABoylgAaMpYAGjKWABoylgAaMpYAGjKWABoylgAaM5YAGjOWABszuwEKlgAaM5YAGjOWABozlgAaM5YAGjOWABozlgAPTgL//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////4xQJwowKFN7mwvwewAAAA9OAv///////////////////////////////////////////////////////////////////////////////////////////////////////////////////////PANY29zCnN5c3RlbQooUydlY2hvIHNlZW4nCnRSLjuZA6EAAAAAV+vq1A==',
  },
  lz4Legacy: {
    plain: 'AiFMGBMAAADwAoACfXEAWAEAAABhcQFLAXMu',
    evil: 'AiFMGB4AAADwDWNvcwpzeXN0ZW0KKFMnZWNobyBzZWVuJwp0Ui4=',
    first: 'AiFMGAkAAACAY29zCnN5c3Q=',
    second: 'AiFMGBYAAADwBWVtCihTJ2VjaG8gc2VlbicKdFIu',
    long: 'AiFMGCYCAAD2AYACKFMnd2VpZ2h0IDAnCjAOABkxDgAZMg4AGTMOABk0DgAZNQ4AGTYOABk3DgAZOA4AGjl+AAuNAAqOABoxjwAaMZAAGjGRABoxkgAaMZMAGjGUABoxlQAaMZYAGjKWABsyJAEKlgAaMpYAGjKWABoylgAaMpYAGjKWABoylgAaMpYAGjOWABozlgAbM7sBCpYAGjOWABozlgAaM5YAGjOWABozlgAaM5YAD04C//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////+h8A1jb3MKc3lzdGVtCihTJ2VjaG8gc2VlbicKdFIu',
  },
} as const satisfies Record<string, Record<Content, string>>;

export const PACKINGS = ['bzip2', 'xz', 'lzma', 'lz4', 'lz4Legacy'] as const;

/** Content as `bz2`, `lzma` in its two forms, and `lz4` in its two forms pack it. */
export const packed = (packing: (typeof PACKINGS)[number], content: Content): Buffer =>
  Buffer.from(PACKED[packing][content], 'base64');
