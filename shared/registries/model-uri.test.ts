import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatModelUri, parseModelUri, parseRegistry } from './registry.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('a model URI', () => {
  test.each([
    ['oci-layout:mlops-registry/churn@champion', 'oci-layout', 'mlops-registry', 'churn', 'champion'],
    [`oci-layout:/data/my registry/churn@${DIGEST}`, 'oci-layout', '/data/my registry', 'churn', DIGEST],
    ['oci-layout:a@b/churn@v1', 'oci-layout', 'a@b', 'churn', 'v1'],
    ['oci://ghcr.io/my-team/models/flight-delays@3', 'oci', 'ghcr.io/my-team/models', 'flight-delays', '3'],
    ['oci://127.0.0.1:5000/churn@champion', 'oci', '127.0.0.1:5000', 'churn', 'champion'],
    ['oci://[::1]:5000/ns/churn@champion', 'oci', '[::1]:5000/ns', 'churn', 'champion'],
    ['mlflow:http://host:5000/churn@champion', 'mlflow', 'http://host:5000', 'churn', 'champion'],
    ['mlflow:https://host/base/path/churn@3', 'mlflow', 'https://host/base/path', 'churn', '3'],
    ['mlflow:churn@champion', 'mlflow', '', 'churn', 'champion'],
    ['sagemaker:churn@champion', 'sagemaker', '', 'churn', 'champion'],
  ])('%s', (text, scheme, path, name, reference) => {
    const uri = parseModelUri(text);
    expect(uri).toEqual({ scheme, path, name, reference });
    expect(formatModelUri(uri!)).toBe(text);
  });

  test.each(['model', './model', '/model@x', 'C:\\model', 's3://bucket/model', 'model@champion', ''])(
    '%j is a path and no URI',
    (text) => expect(parseModelUri(text)).toBeUndefined(),
  );

  test.each([
    ['oci-layout:reg/churn', 'names no version'],
    ['oci-layout:reg/churn@', 'names no version'],
    ['oci-layout:reg/churn@a b', 'names no version'],
    ['oci-layout:reg/churn@sha256:abc', 'names no version'],
    ['oci-layout:reg/Churn@x', "is not a model's name"],
    ['oci-layout:churn@x', 'names no folder'],
    ['oci://user:secret@host/churn@x', 'holds no credentials'],
    ['oci://user:secret@host/churn', 'names no version'],
    ['mlflow:http://user:secret@host/churn@x', 'holds no credentials'],
    ['mlflow:http://user:secret@host/churn', 'names no version'],
    ['mlflow:host:5000/churn@x', 'is not that of an MLflow server'],
    ['mlflow:http://host/?x=secret/churn@x', 'is not that of an MLflow server'],
    ['oci://host/UPPER/churn@x', 'not of the form'],
    ['oci:///churn@x', 'not of the form'],
    ['oci://host/a/../churn@x', 'not of the form'],
  ])('%s is refused', (text, message) => {
    expect(() => parseModelUri(text)).toThrow(message);
    expect(() => parseModelUri(text)).not.toThrow('secret');
  });

  test('that is written is read back the same', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,4})?$/);
    const registry = fc.oneof(
      fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `oci-layout:${parts.join('/')}`),
      fc
        .array(word, { minLength: 1, maxLength: 3 })
        .map((parts) => `oci://host.test:5000/${parts.join('/')}`),
    );
    const reference = fc.oneof(fc.constant(DIGEST), fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/));
    fc.assert(
      fc.property(registry, word, reference, (where, name, version) => {
        const location = parseRegistry(where, name);
        const text = formatModelUri({ ...location, reference: version });
        expect(text).toBe(`${where}/${name}@${version}`);
        expect(parseModelUri(text)).toEqual({ ...location, reference: version });
      }),
    );
  });

  test('of a store that this version lacks is refused', () => {
    expect(() => parseRegistry('s3://bucket', 'churn')).toThrow('none of the known schemes');
  });
});
