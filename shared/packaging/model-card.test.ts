import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { sampleEvaluation, sampleProfile, sampleTraining, sampleVersion } from '../testing/sample-records.ts';
import { modelCard } from './model-card.ts';
import type { KnownOfCard } from './model-card-body.ts';

function cardOf(known: Partial<KnownOfCard> = {}): { matter: Record<string, unknown>; body: string } {
  const version = { ...sampleVersion(), metrics: { roc_auc: 0.91, 'precision(class=1)': 0.5 } };
  const attachment = modelCard({ version, evaluation: sampleEvaluation(), ...known });
  expect(attachment).toMatchObject({ role: 'model-card', files: [{ name: 'README.md' }] });
  const [file] = attachment.files;
  const text = new TextDecoder().decode((file as { bytes: Uint8Array }).bytes);
  const [, yaml = '', body = ''] = /^---\n([\s\S]*?)\n---\n\n([\s\S]*)$/.exec(text) ?? [];
  return { matter: parse(yaml), body };
}

describe('the model card', () => {
  test('has the front matter that Hugging Face reads', () => {
    const { matter } = cardOf();
    const { name } = sampleVersion();
    expect(matter).toMatchObject({
      pipeline_tag: 'tabular-classification',
      tags: ['mlops-actions', 'team:operations'],
      metrics: ['roc_auc', 'precision'],
      'model-index': [
        {
          name,
          results: [
            {
              task: { type: 'tabular-classification' },
              metrics: [
                { type: 'roc_auc', name: 'roc_auc', value: 0.91 },
                { type: 'precision', name: 'precision(class=1)', value: 0.5 },
              ],
            },
          ],
        },
      ],
    });
  });

  test('tells what the records know', () => {
    const trainingRun = sampleTraining();
    const { body } = cardOf({ trainingRun, trainingProfile: sampleProfile() });
    expect(body).toContain(`# ${sampleVersion().name}\n`);
    expect(body).toContain(sampleVersion().subject.digest);
    expect(body).toContain('## Training');
    expect(body).toContain('## Evaluation');
  });

  test('has the words of a person first, and their front matter wins', () => {
    const text = '---\nlicense: apache-2.0\ntags: [flights]\n---\n# Delays\n\nNot for safety decisions.\n';
    const { matter, body } = cardOf({ words: { text, file: 'CARD.md' } });
    expect(matter).toMatchObject({ license: 'apache-2.0', tags: ['flights'] });
    expect(body.startsWith('# Delays\n\nNot for safety decisions.\n\n## This version')).toBe(true);
    expect(body.match(/^# /gm)).toHaveLength(1);
  });

  test.each([
    [
      'with line ends of Windows',
      '\uFEFF---\r\nlicense: mit\r\ntags: [a]\r\n---\r\n# Delays\r\n\r\nWords.\r\n',
    ],
    ['with spaces after the dashes', '--- \nlicense: mit\ntags: [a]\n---\t\n# Delays\n\nWords.\n'],
  ])('reads front matter %s', (_how, text) => {
    const { matter, body } = cardOf({ words: { text, file: 'CARD.md' } });
    expect(matter).toMatchObject({ license: 'mit', tags: ['a'] });
    expect(body.startsWith('# Delays\n\nWords.\n\n## This version')).toBe(true);
    expect(body).not.toContain('\r');
  });

  test('takes a comment in a code block for no title', () => {
    const text = 'Load it:\n\n```python\n# a comment\nload()\n```\n';
    expect(cardOf({ words: { text, file: 'CARD.md' } }).body).toContain(`\n# ${sampleVersion().name}\n`);
  });

  test('names the data that it was judged on, not the file of predictions', () => {
    const inputs = ['predictions', 'data'].map((role) => ({
      role,
      name: `${role}.csv`,
      digest: `sha256:${'0'.repeat(64)}`,
    }));
    const { matter } = cardOf({ evaluation: { ...sampleEvaluation(), inputs } });
    expect(matter['model-index']).toMatchObject([{ results: [{ dataset: { name: 'data.csv' } }] }]);
  });

  test('without an Evaluation claims no result', () => {
    const { matter, body } = cardOf({ evaluation: undefined });
    expect(matter).not.toHaveProperty('model-index');
    expect(body).not.toContain('## Evaluation');
  });

  test('refuses front matter that is none, naming file and line', () => {
    for (const text of ['---\ntags: [a\n---\n', '---\n- a\n---\n', '---\nlicense: mit\n# Delays\n']) {
      expect(() => cardOf({ words: { text, file: 'CARD.md' } })).toThrow('front matter');
    }
  });

  test('names the image that serves it once', () => {
    const digest = `sha256:${'e'.repeat(64)}`;
    const image = { reference: `ghcr.io/team/delays-server@${digest}`, digest };
    const { body } = cardOf({ version: { ...sampleVersion(), image } });
    expect(body).toContain('container image');
    expect(body.split('e'.repeat(64))).toHaveLength(2);
  });

  test('lets no text of the records act', () => {
    const version = { ...sampleVersion(), reason: '<script>alert(1)</script> | [x](javascript:1)' };
    const { body } = cardOf({ version });
    expect(body).not.toContain('<script>');
    expect(body).not.toContain('[x](');
  });
});
