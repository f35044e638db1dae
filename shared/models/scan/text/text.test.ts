import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mutated } from '../../../testing/mutated-bytes.ts';
import { rulesBroken, scanBytes } from '../../../testing/scan-bytes.ts';
import { scanJson } from './json.ts';
import { scanText } from './plain-text.ts';
import { scanXml } from './xml.ts';

const key = `AKIA${'IOSFODNN7EXAMPLE'}`;
const rules = (scanner: typeof scanJson, text: string, part?: number) =>
  rulesBroken(scanner, Buffer.from(text), part);

describe('scanText', () => {
  test('tells a key once, with its line, wherever in a long text it is', async () => {
    for (const place of [0, 258_030, 262_140, 600_000]) {
      const text = `${'\n'.repeat(place)}${key}\n${'.'.repeat(10_000)}`;
      const { found } = await scanBytes(scanText, Buffer.from(text));
      expect(found.map(({ what }) => what)).toEqual([
        `An AWS access key that begins with "AKIA" is written in line ${place + 1}.`,
      ]);
    }
  });

  const script = (line: string) =>
    `class Net(Module):\n  __parameters__ = []\n  def forward(self):\n    ${line}\n`;
  test.each([
    ['torch.from_file("/etc/passwd", False, 10)', 'file-operator'],
    ['ops.aten.save(x, "/tmp/a")', 'file-operator'],
    ['ops.mine.run(x)', 'unknown-operator'],
  ])('tells in the code of TorchScript: %s', async (line, rule) => {
    expect(await rules(scanText, script(line))).toEqual([rule]);
  });

  test.each([
    [script('return torch.add(x, y)')],
    [script('ops.quantized.linear(x)')],
    ['torch.save(model, path)'],
  ])('passes %j', async (text) => {
    expect(await rules(scanText, text)).toEqual([]);
  });
});

describe('scanJson', () => {
  test.each([1, 2, 7, 100])('follows on into YAML that only begins as JSON, in parts of %i', async (part) => {
    expect(await rules(scanJson, '{"a": {"_target_" : os.system, "_args_": [b]}}', part)).toEqual([
      'named-code',
    ]);
  });

  test.each([
    [
      '{"model_type": "bert", "hidden_size": 768, "chat_template": "{% for m in messages %}{{ m.content }}{% endfor %}"}',
    ],
    ['{"auto_mapping": null, "trust_remote_code": false, "eos_token": "</s>"}'],
    [
      '{"cells": [{"cell_type": "code", "source": ["import numpy\\n", "x = 1"], "outputs": []}], "nbformat": 4}',
    ],
    ['{"a": 1}\n{"a": 2}\n'],
    ['[1, 2.5e-3, NaN, "x"]'],
    ['{"vocab": {"a": 1, "a": 2}}'],
    ['{ not json at all'],
  ])('passes %s', async (text) => {
    expect(await rules(scanJson, text, 3)).toEqual([]);
  });

  test.each([
    ['{"auto_map": {"AutoModel": "modeling_own.Own"}}', 'remote-code'],
    ['{"auto_map": "modeling_own.Own"}', 'remote-code'],
    ['{"auto\\u005fmap": "modeling_own.Own"}', 'remote-code'],
    ['{"trust_remote_code": true}', 'remote-code'],
    ['{"chat_template": "{{ x.__class__ }}"}', 'template-code'],
    ['{"chat_template": [{"name": "default", "template": "{{ x.__class__ }}"}]}', 'template-code'],
    ['{"cells": [{"source": ["!pip install x\\n", "import x"]}]}', 'notebook-shell'],
    ['{"cells": [{"source": "%%bash\\nls"}]}', 'notebook-shell'],
    [`{"cells": [{"outputs": [{"text": ["${key}"]}]}]}`, 'secret'],
    ['{"database_password": "h7Kq2pXv9zLm"}', 'secret'],
    [`{"a": 1}\n{"a": "${key}"}`, 'secret'],
    [`{ not json "${key}"`, 'secret'],
    ['{"class_name": "Lambda", "config": {}}', 'keras-code'],
    ['{"class_name": "Dense", "class_name": "Dense"}', 'duplicate-key'],
    ['{"a": {"class_name": "Dense"}', 'unreadable'],
  ])('tells what is in %s', async (text, rule) => {
    expect(await rules(scanJson, text, 5)).toEqual([rule]);
  });

  test.each([
    ['{"cells": [{"source": "', `${'\\n'.repeat(200_000)} !ls"}]}`, ['notebook-shell']],
    ['{"cells": [{"source": "', `${'\\n'.repeat(200_000)}x = 1"}]}`, []],
    ['{":serialized:": "', `gASV${' '.repeat(200_000)}?"}`, ['cannot-look-into']],
    ['{":serialized:": "', `gASV${' '.repeat(200_000)}== "}`, []],
  ])('goes once through the blanks of %s', async (begin, rest, expected) => {
    expect(await rules(scanJson, begin + rest)).toEqual(expected);
  });

  test('is refused where it names more than anybody allows', async () => {
    const layers = Array.from(
      { length: 10_010 },
      (_, index) => `{"class_name": "L", "module": "os${index}"}`,
    );
    const { found } = await scanBytes(scanJson, Buffer.from(`[${layers.join(',')}]`));
    const refused = found.filter(({ rule }) => rule === 'cannot-look-into');
    expect(refused.map(({ what }) => what)).toEqual([
      'More than 10,000 different things are found: the rest is not told.',
    ]);
    expect(found.length).toBe(10_001);
  });

  test('says how many cells of a notebook run the shell, once', async () => {
    const cell = '{"source": ["!ls"]}';
    const { found } = await scanBytes(scanJson, Buffer.from(`{"cells": [${cell}, ${cell}]}`));
    expect(found.map(({ what }) => what)).toEqual(['2 cells begin with a command of the shell.']);
  });

  test('ends on every mutation', async () => {
    const valid = Buffer.from(
      '{"cells": [{"source": ["!ls", -1.5e3, true, null, "\\u0041"]}], "class_name": "Dense"}',
    );
    await fc.assert(
      fc.asyncProperty(mutated(valid), async (changed) => {
        await scanBytes(scanJson, changed);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test('takes for JSON what JSON.parse takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 4 }), async (text) => {
        const keras = `{"class_name": "Dense", "x": ${text}}`;
        expect(await rules(scanJson, keras, 4)).not.toContain('unreadable');
      }),
      { seed: 6, numRuns: 200 },
    );
  });
});

describe('scanXml', () => {
  test.each([
    ['<?xml version="1.0" encoding="UTF-8"?>\n<PMML version="4.4"><Header/></PMML>'],
    ['<!DOCTYPE html>\n<html></html>'],
    [
      '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"\n  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n<svg/>',
    ],
  ])('passes %s', async (text) => {
    expect(await rules(scanXml, text)).toEqual([]);
  });

  test.each([
    [
      '<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]><PMML>&x;</PMML>',
      ['xml-entities', 'xml-entities'],
    ],
    ['<?xml version="1.0"?><!DOCTYPE PMML SYSTEM "http://example.org/x.dtd"><PMML/>', ['xml-entities']],
    ['<!DOCTYPE html [ <!-- --> ]><html/>', ['xml-entities']],
    ['<?xml version="1.0" encoding="UTF-7"?><PMML/>', ['cannot-look-into']],
    [`<PMML><Extension value="${key}"/></PMML>`, ['secret']],
  ])('tells what is in %s', async (text, expected) => {
    expect(await rules(scanXml, text)).toEqual(expected);
  });
});

describe('what an XML file declares', () => {
  test.each([
    ['<!DOCTYPE html><html></html>'],
    [
      '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd"><html/>',
    ],
    ['<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN"><html></html>'],
    ['<!DOCTYPE html SYSTEM "about:legacy-compat"><html></html>'],
  ])('passes a page: %s', async (page) => {
    expect(await rules(scanXml, page)).toEqual([]);
  });

  test.each([
    ['<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/hostname">]><html>&a;</html>'],
    ['<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://example.com/own.dtd"><html/>'],
    ['<!DOCTYPE html SYSTEM "own.dtd"><html/>'],
  ])('refuses %s', async (page) => {
    expect(await rules(scanXml, page)).toContain('xml-entities');
  });
});
