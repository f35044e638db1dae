import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { testKit } from '../judge.test-kit.ts';
import { exportsOf, writeExports } from './write-exports.ts';

const kit = testKit();
afterAll(() => kit.remove());

/** One rule that holds, one that fails, one that warns, one not judged, a line that cannot be read, hostile names. */
const PROPERTIES = `
- { name: fare, logicalType: number, logicalTypeOptions: { minimum: 0 } }
- name: '<b>&"'
  quality:
    - { metric: nullValues, mustBe: 0, severity: warning }
    - { type: text, description: "a promise with \\x07 in it" }`;
const CSV = 'fare,"<b>&"""\n1,a\n-3,\n1,2,3,4\n';

async function exported(format: string): Promise<string> {
  const { record, profile } = await kit.judge({ csv: CSV, properties: PROPERTIES });
  const path = join(kit.folder, 'sub', `${format}.out`);
  await writeExports(exportsOf({ [format]: path }), record, profile);
  return readFileSync(path, 'utf8').replaceAll(kit.folder, '/data');
}

/**
 * What the schema of Jenkins' JUnit reports (junit-10.xsd) lets an element hold: the elements in it, the attributes that
 * it must have and others. Of a case it knows no `file` and `line`, which GitLab and GitHub's reporters read.
 */
const JUNIT_SCHEMA: Record<string, { in: string[]; must: string[]; may: string[] }> = {
  testsuites: { in: [''], must: [], may: ['name', 'time', 'tests', 'failures', 'errors'] },
  testsuite: {
    in: ['testsuites'],
    must: ['name', 'tests', 'failures', 'errors'],
    may: ['time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url', 'version'],
  },
  testcase: { in: ['testsuite'], must: ['name'], may: ['time', 'classname', 'group', 'file', 'line'] },
  failure: { in: ['testcase'], must: [], may: ['type', 'message'] },
  skipped: { in: ['testcase'], must: [], may: ['type', 'message'] },
};

/** Every element by its name, with the one around it and its attributes. @throws where tags are not closed in order. */
function elementsOf(xml: string) {
  const found: { name: string; around: string; attributes: Record<string, string> }[] = [];
  const open: string[] = [];
  for (const [, close, name, rest, empty] of xml.matchAll(/<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g)) {
    if (close) expect(open.pop()).toBe(name);
    else {
      const attributes = [...rest!.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]);
      expect(new Set(attributes.map(([key]) => key)).size).toBe(attributes.length);
      found.push({ name: name!, around: open.at(-1) ?? '', attributes: Object.fromEntries(attributes) });
      if (!empty) open.push(name!);
    }
  }
  expect(open).toEqual([]);
  // No mark is left that is of no element.
  expect(
    xml.replaceAll(/<\/?[a-z]+(?: [a-z]+="[^"<]*")*\/?>/g, '').replace(/^<\?xml [^<>]*\?>/, ''),
  ).not.toMatch(/[<>]/);
  return found;
}

function mistake(given: Record<string, string>): UserError {
  try {
    exportsOf(given);
  } catch (error) {
    if (error instanceof UserError) return error;
  }
  throw new Error('no mistake was found');
}

describe('an export', () => {
  test.each(['junit', 'great-expectations', 'frictionless'])('to %s reads as it should', async (format) => {
    await expect(await exported(format)).toMatchFileSnapshot(`golden/${format}.txt`);
  });

  test('to JUnit counts what it lists', async () => {
    const xml = await exported('junit');
    const count = (pattern: RegExp): string => String(xml.match(pattern)?.length ?? 0);
    expect(xml).toContain(`tests="${count(/<testcase /g)}" failures="${count(/<failure /g)}"`);
    expect(xml).toContain(`skipped="${count(/<skipped /g)}"`);
    expect(xml).not.toMatch(/[\u0000-\u0008]/);
    expect(xml).toContain('classname="&lt;b&gt;&amp;&quot;"');
  });

  test('to JUnit keeps to the schema that Jenkins checks reports by', async () => {
    const elements = elementsOf(await exported('junit'));
    expect(new Set(elements.map(({ name }) => name))).toEqual(new Set(Object.keys(JUNIT_SCHEMA)));
    for (const { name, around, attributes } of elements) {
      const { in: places, must, may } = JUNIT_SCHEMA[name]!;
      const given = Object.keys(attributes);
      expect(places).toContain(around);
      expect(must.filter((key) => !given.includes(key))).toEqual([]);
      expect(given.filter((key) => ![...must, ...may].includes(key))).toEqual([]);
      if (attributes.time !== undefined) expect(attributes.time).toMatch(/^\d*(\.\d{0,3})?$/);
    }
  });

  test('to Great Expectations agrees with the verdict', async () => {
    const result = JSON.parse(await exported('great-expectations'));
    const { statistics, results } = result;
    expect(result.success).toBe(false);
    expect(statistics.evaluated_expectations).toBe(results.length);
    expect(results.filter((one: { success: boolean }) => one.success)).toHaveLength(
      statistics.successful_expectations,
    );
    expect(result.meta.not_judged).toHaveLength(1);
  });

  test('that is not known names the nearest', () => {
    expect(mistake({ junt: 'a.xml' }).fix).toBe('Did you mean junit?');
    expect(mistake({ junit: '' }).fix).toContain('junit=path');
  });

  test('that cannot be written is the user’s to mend', async () => {
    const { record, profile } = await kit.judge({ csv: CSV, properties: PROPERTIES });
    const taken = kit.file('taken', '');
    const writing = writeExports(exportsOf({ junit: join(taken, 'a.xml') }), record, profile);
    await expect(writing).rejects.toThrow(UserError);
  });
});
