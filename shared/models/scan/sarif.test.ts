import { expect, test } from 'vitest';
import * as z from 'zod';
import { sampleScan } from '../../testing/sample-scan.ts';
import { scanLog } from './sarif.ts';

/** Of SARIF 2.1.0 the objects that are used, closed as the standard has them, with the enumerations that it gives. */
const text = z.string().min(1);
const levels = z.enum(['none', 'note', 'warning', 'error']);
const logSchema = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z
    .array(
      z.strictObject({
        tool: z.strictObject({
          driver: z.strictObject({
            name: text,
            rules: z.array(
              z.strictObject({
                id: text,
                shortDescription: z.strictObject({ text }),
                fullDescription: z.strictObject({ text }),
                help: z.strictObject({ text, markdown: text }),
                defaultConfiguration: z.strictObject({ level: levels }),
                properties: z.looseObject({
                  tags: z.array(text),
                  'security-severity': z.string().regex(/^\d+\.\d$/),
                }),
              }),
            ),
          }),
        }),
        columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
        results: z.array(
          z.strictObject({
            ruleId: text,
            ruleIndex: z.int().min(0),
            level: levels,
            message: z.strictObject({ text }),
            locations: z.tuple([
              z.strictObject({
                physicalLocation: z.strictObject({
                  artifactLocation: z.strictObject({ uri: text.regex(/^[\w\-.~!*'()%/]+$/) }),
                  region: z.strictObject({ startLine: z.literal(1), byteOffset: z.int().min(0).optional() }),
                }),
                logicalLocations: z
                  .array(
                    z.strictObject({
                      name: text,
                      fullyQualifiedName: text,
                      kind: text,
                      properties: z.looseObject({}).optional(),
                    }),
                  )
                  .optional(),
              }),
            ]),
            partialFingerprints: z.strictObject({ primaryLocationLineHash: text }),
            suppressions: z
              .array(
                z.strictObject({
                  kind: z.enum(['inSource', 'external']),
                  status: z.enum(['accepted', 'underReview', 'rejected']),
                  justification: text,
                }),
              )
              .optional(),
          }),
        ),
      }),
    )
    .length(1),
});

const HOSTILE = '../[x](https://evil.test)\\%00{0}\ud800 ü.pkl';
const logOf = (hostile: string, folder = 'models/churn') =>
  logSchema.parse(JSON.parse(JSON.stringify(scanLog(sampleScan(hostile).result!, folder)))).runs[0]!;

test('names each rule once, and of each finding the file, the member, the offset and the reason', () => {
  const { tool, results } = logOf('data.pkl');
  expect(tool.driver.rules.map(({ id }) => id)).toEqual(['pickle-import']);
  expect(tool.driver.rules[0]!.help.text).toContain('How to mend it: ');
  const [inside, plain, allowed] = results;
  expect(inside!.locations[0]).toEqual({
    physicalLocation: {
      artifactLocation: { uri: 'models/churn/model.pt' },
      region: { startLine: 1 },
    },
    logicalLocations: [
      {
        name: 'data.pkl',
        fullyQualifiedName: 'model.pt › archive › data.pkl',
        kind: 'member',
        properties: { byteOffset: 24 },
      },
    ],
  });
  expect(plain!.locations[0]).toEqual({
    physicalLocation: {
      artifactLocation: { uri: 'models/churn/encoder.pkl' },
      region: { startLine: 1, byteOffset: 2 },
    },
  });
  expect(inside!.message.text).toContain('(in archive › data.pkl, at byte 24)');
  expect(plain!.message.text).toContain('(at byte 2)');
  expect(plain!.suppressions).toBeUndefined();
  expect(allowed!.suppressions).toEqual([
    { kind: 'external', status: 'accepted', justification: 'our own encoder (until 2027-01-31)' },
  ]);
});

test('a finding keeps its fingerprint, and shares it with no other', () => {
  const prints = (name: string) =>
    logOf(name).results.map((one) => one.partialFingerprints.primaryLocationLineHash);
  expect(prints('data.pkl')).toEqual(prints('data.pkl'));
  expect(new Set(prints('data.pkl')).size).toBe(3);
  expect(prints('other.pkl')[0]).not.toBe(prints('data.pkl')[0]);
});

test('what an attacker names makes no link and no other address', () => {
  const { results } = logOf(HOSTILE, 'a b/ü#?');
  expect(results[0]!.locations[0].physicalLocation.artifactLocation.uri).toBe('a%20b/%C3%BC%23%3F/model.pt');
  expect(results[0]!.message.text).toContain('\\[x\\](https://evil.test)\\\\%00');
  expect(results[0]!.message.text.isWellFormed()).toBe(true);
  expect(logOf('data.pkl', '').results[0]!.locations[0].physicalLocation.artifactLocation.uri).toBe(
    'model.pt',
  );
});
