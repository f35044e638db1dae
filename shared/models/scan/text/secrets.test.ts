import { describe, expect, test } from 'vitest';
import { findSecrets, secretWords } from './secrets.ts';

// Put together here, so that nothing that looks for keys takes this file for a leak.
const key = (...parts: string[]) => parts.join('');
const mixed = 'a8Kd03hQzP5vXw71LmTy9RbN2cEf46GjUoSi';

describe('findSecrets', () => {
  test.each([
    ['private key', key('-----BEGIN RSA PRI', 'VATE KEY-----', ' ', mixed, mixed)],
    ['AWS access key', key('AKIA', 'IOSFODNN7EXAMPLE')],
    ['GitHub token', key('ghp_', mixed)],
    ['Hugging Face token', key('hf_', 'abcdefghijKLMNOPQRSTuvwxyzABCDEFGH')],
    ['Slack token', key('xoxb-', '123456789012-123456789012-abcdefghijkl')],
    ['Google API key', key('AIza', mixed.slice(0, 35))],
    ['Anthropic key', key('sk-ant-', mixed)],
    ['OpenAI key', key('sk-proj-', mixed)],
    ['JSON web token', key('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0NTYifQ.', mixed)],
    ['address with a password', key('postgres://user:', 'h7Kq2pXv', '@database/models')],
    ['password or key', key('db_password = "', 'h7Kq2pXv9zLm', '"')],
    ['password or key', key('{"api_key": "', 'h7Kq2pXv9zLm', '"}')],
  ])('finds: %s', (kind, text) => {
    // At even and at odd places: only every second byte is looked up.
    for (const blanks of ['', ' ']) {
      const found = findSecrets(`first\n  ${blanks}${text}\n`);
      expect(found).toEqual([{ kind, line: 2, beginning: expect.any(String) }]);
    }
  });

  test.each([
    ['password = "your-password-here"'],
    ['password = "${DATABASE_PASSWORD}"'],
    ['password = "aaaaaaaaaaaaaa"'],
    ['ACCESS_TOKEN = "GX_CLOUD_ACCESS_TOKEN"'],
    ['{"password": "[new_password]"}'],
    ['marker = "-----BEGIN RSA PRI' + 'VATE KEY-----"'],
    ['secret: true'],
    ['password = os.environ["DATABASE_PASSWORD"]'],
    ['"api_key_length": "short"'],
    ['the task-specific-sk-learn-pipeline-of-this-model'],
    ['https://example.org/a:b@c'],
  ])('passes %s', (text) => {
    expect(findSecrets(text)).toEqual([]);
  });

  test('finds a private key behind many lines that only begin one', () => {
    const line = key('-----BEGIN RSA PRI', 'VATE KEY-----');
    for (const between of ['', '\n', '\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00-----\n\n']) {
      const text = `${`${line}\n`.repeat(10_000)}${line}${between}${mixed}${mixed}`;
      expect(findSecrets(text)).toEqual([{ kind: 'private key', line: 10_001, beginning: '----' }]);
    }
  });

  test('tells the line of each of many', () => {
    const token = key('glpat-', 'h7Kq2pXv9zLmT4wQ8rNs');
    const found = findSecrets(`${token}\n\n`.repeat(5_000), 3);
    expect(found.map(({ line }) => line)).toEqual(Array.from({ length: 5_000 }, (_, index) => 3 + 2 * index));
  });

  test('never says the value', () => {
    const text = key('ghp_', mixed);
    const [secret] = findSecrets(text, 7);
    expect(secretWords(secret!)).toBe('A GitHub token that begins with "ghp_" is written in line 7.');
  });

  test('takes no longer for what nearly looks like one', () => {
    const nearly = `${'eyJ'.repeat(20_000)} ${'sk-'.repeat(20_000)} ${'password'.repeat(10_000)}`;
    expect(findSecrets(nearly)).toEqual([]);
  });
});
