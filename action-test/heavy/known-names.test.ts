/** The names of other tools in docs/checks.md are those that the installed tools have. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  DRIFT_FINDING_CATALOGUE,
  DRIFT_MEASURE_CATALOGUE,
} from '../../actions/drift-check/measure-catalogue.ts';
import { CATALOGUE, type KnownTool } from '../../actions/validate-data/rules/catalogue.ts';
import { installedTool } from './tool.ts';

/** The names that a tool has, with their parameters. */
type Names = Record<string, string[]>;

const namesOf = (python: string, tool: string): Names =>
  JSON.parse(
    execFileSync(python, [join(import.meta.dirname, 'known_names.py'), tool], {
      env: { ...process.env, NML_DISABLE_USAGE_LOGGING: '1', DO_NOT_TRACK: '1', PYTHONWARNINGS: 'ignore' },
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 24,
    }).toString(),
  );

/** `a(b), …_c` are a with its parameter b, and a name that ends in _c; `d=True` is a parameter. */
function isKnown(text: string, names: Names): boolean {
  const [, name = '', parameter] = /^([^(=]+)(?:\(([\w=]+).*\))?/.exec(text) ?? [];
  if (name.startsWith('…')) return Object.keys(names).some((known) => known.endsWith(name.slice(1)));
  const parameters = Object.values(names).flat();
  if (/^\w+=/.test(text)) return parameters.includes(name);
  if (!(name in names)) return false;
  return parameter === undefined || names[name]!.includes(parameter.replace(/=.*/, ''));
}

function expectKnown(said: readonly string[], names: Names): void {
  expect(said.length).toBeGreaterThan(0);
  expect(said.filter((text) => !isKnown(text, names))).toEqual([]);
}

const CHECKERS = [
  ['great_expectations', 'gx'],
  ['pandera', 'pandera'],
  ['frictionless', 'frictionless'],
] as const satisfies readonly (readonly [string, KnownTool])[];
const DETECTORS = [
  ['evidently', 'evidently'],
  ['nannyml', 'NannyML'],
] as const;

describe.each(CHECKERS)('%s', (tool, key) => {
  const python = installedTool(`MLOPS_TEST_${tool.toUpperCase()}`);
  test.skipIf(python === undefined)('has every name that the checks are known by', () => {
    const said = CATALOGUE.flatMap(({ known }) => known[key]?.split(', ') ?? []);
    expectKnown(said, namesOf(python!, tool));
  });
});

describe.each(DETECTORS)('%s', (tool, title) => {
  const python = installedTool(`MLOPS_TEST_${tool.toUpperCase()}`);
  test.skipIf(python === undefined)('has every name that the measures are known by', () => {
    const entries = [DRIFT_MEASURE_CATALOGUE, DRIFT_FINDING_CATALOGUE].flatMap((all) => Object.values(all));
    // After the tool's own name, up to that of the next one.
    const said = entries.flatMap(({ knownFrom }) =>
      [...knownFrom.matchAll(new RegExp(`${title} ((?:\`\\w+\`(?:, )?)+)`, 'g'))].flatMap(([, list]) =>
        [...list!.matchAll(/\w+/g)].map(([name]) => name),
      ),
    );
    expectKnown(said, namesOf(python!, tool));
  });
});
