import { describe, expect, test } from 'vitest';
import { byDigest, parseImageReference } from './image-reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('a reference of a container image', () => {
  test.each([
    ['python', 'docker.io', 'library/python', 'latest'],
    ['python:3.13-slim', 'docker.io', 'library/python', '3.13-slim'],
    ['docker.io/library/python:3.13', 'docker.io', 'library/python', '3.13'],
    ['my-org/churn:1', 'docker.io', 'my-org/churn', '1'],
    ['ghcr.io/my-org/churn', 'ghcr.io', 'my-org/churn', 'latest'],
    ['localhost/churn:2', 'localhost', 'churn', '2'],
    ['127.0.0.1:5000/team/churn:2', '127.0.0.1:5000', 'team/churn', '2'],
    [`ghcr.io/a/b:1@${DIGEST}`, 'ghcr.io', 'a/b', DIGEST],
  ])('%s', (text, host, repository, reference) => {
    const image = parseImageReference(text, 'image');
    expect(image).toEqual({ kind: 'remote', host, repository, reference });
    expect(byDigest(image, DIGEST)).toBe(`${host}/${repository}@${DIGEST}`);
  });

  test.each([
    ['oci-layout:out:1', 'out', '1'],
    ['oci-layout:/a/b c/out:v1.2', '/a/b c/out', 'v1.2'],
    [`oci-layout:out@${DIGEST}`, 'out', DIGEST],
  ])('%s is a folder', (text, folder, reference) => {
    expect(parseImageReference(text, 'image')).toEqual({ kind: 'layout', folder, reference });
  });

  test.each([
    '',
    'A/b:1',
    'ghcr.io/:1',
    'a b',
    'ghcr.io/a/b@sha256:abc',
    'oci-layout:out',
    'https://ghcr.io/a',
  ])('%j is none', (text) => {
    expect(() => parseImageReference(text, 'base-image')).toThrow('no reference of a container image');
  });
});
