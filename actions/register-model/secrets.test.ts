import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ModelVersion } from '../../shared/records/model-version.ts';
import { writeRecordText } from '../../shared/records/text.ts';
import { startOciServer } from '../../shared/testing/oci-server.ts';
import { sampleEvaluation } from '../../shared/testing/sample-records.ts';
import { RegisterStage } from './fixtures/register-stage.ts';

let stage: RegisterStage;
beforeEach(async () => {
  stage = await RegisterStage.open(sampleEvaluation);
});
afterEach(() => stage.close());

test('lets no secret out, whether it goes well or not', async () => {
  const { folder, records, said } = stage;
  const secrets = { password: 'canary-password-7', token: 'canary-token-7' };
  const auth = Buffer.from(`ann:${secrets.password}`).toString('base64');
  const { path, digest } = await stage.makeModel('m1');
  await stage.evaluate(digest, 'pass');
  for (const password of [secrets.password, 'another']) {
    const server = await startOciServer({ auth: { kind: 'token', username: 'ann', password } });
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [server.host]: { auth } } }));
    const given = { model: path, registry: `oci://${server.host}/team`, 'github-token': secrets.token };
    const env = { DOCKER_CONFIG: folder, GITHUB_TOKEN: secrets.token };
    const result = await stage.act({ ...given, aliases: 'champion' }, env).catch((error: unknown) => error);
    await server.close();
    if (result instanceof Error) said.push(`${result.stack} ${JSON.stringify(result)}`);
    else said.push(JSON.stringify(result), writeRecordText((result as { record: ModelVersion }).record));
    const kept = [...server.manifests.values(), ...server.blobs.values()];
    said.push(...kept.map((one) => ('bytes' in one ? one.bytes : one).toString('latin1')));
    expect(server.requests.length).toBeGreaterThan(0);
    expect(result instanceof Error).toBe(password === 'another');
  }
  for (const file of await readdir(records.path))
    said.push(await readFile(join(records.path, file), 'latin1'));
  const everything = said.join('\n');
  expect(everything).toContain(digest);
  for (const secret of [...Object.values(secrets), auth]) expect(everything).not.toContain(secret);
});
