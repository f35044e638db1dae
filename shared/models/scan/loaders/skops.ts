import { JsonStream } from '../formats/json-stream.ts';
import { judge } from '../pickle/judge.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { reportOnce } from '../text/once.ts';

/** Libraries whose types skops trusts by itself, and those that it has loaders for. */
const LIBRARIES = /^(?:sklearn|scipy|numpy|xgboost|lightgbm|catboost|quantile_forest|builtins)(?:\.|$)/;
const TELLING = new Set(['__class__', '__module__', '__loader__']);

/**
 * Looks into the schema of a skops file: each object in it names the class or function that it is made of. skops loads
 * what it does not trust only for whoever says so, and many say so of all that the file names.
 */
export async function scanSkopsSchema({ reader }: ScanInput, context: ScanContext): Promise<void> {
  const report = reportOnce(context.report);
  const open: { key: string; texts: Map<string, string> }[] = [];
  const json = new JsonStream({
    open: () => open.push({ key: '', texts: new Map() }),
    close: () => {
      const { texts } = open.pop()!;
      if (!texts.has('__loader__')) return;
      const [module, name] = [texts.get('__module__') ?? '', texts.get('__class__') ?? ''];
      const danger = judge({ module, name });
      if (!danger || (!danger.isKnown && LIBRARIES.test(module))) return;
      report({
        rule: danger.isKnown ? 'named-code' : 'skops-type',
        offset: json.offset,
        what: `\`${module}.${name}\` is loaded, which ${danger.what}.`,
        name: `${module}.${name}`,
      });
    },
    key: (name) => {
      open.at(-1)!.key = name;
    },
    value: (value) => {
      const object = open.at(-1);
      if (object && typeof value === 'string' && TELLING.has(object.key)) object.texts.set(object.key, value);
    },
    duplicate: () => undefined,
  });
  while (json.problem === undefined && (await reader.ensure(1))) {
    context.signal.throwIfAborted();
    json.push(reader.bytes.subarray(reader.position, reader.end));
    reader.position = reader.end;
  }
  json.finish();
}
