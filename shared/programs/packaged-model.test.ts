import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runPredict, startServer } from './packaged-model.ts';
import { groupIsAlive } from './process-group.ts';

const env = { PATH: process.env.PATH, HOME: process.env.HOME };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'packaged-'));
  writeFileSync(join(folder, 'rows.csv'), 'id\n1\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('runPredict', () => {
  const predict = (command: string) =>
    runPredict({
      command,
      modelDir: folder,
      data: { files: [{ path: join(folder, 'rows.csv') }] },
      predictionsPath: join(folder, 'predictions.csv'),
      cwd: folder,
      env,
    });

  test('gives the command the model, the data and the place for its predictions', async () => {
    await predict('test -d "$MODEL_DIR"; sed "s/id/id,y_pred/; s/^1/1,0/" "$DATA" > "$PREDICTIONS"');
    expect(readFileSync(join(folder, 'predictions.csv'), 'utf8')).toBe('id,y_pred\n1,0\n');
  });

  test('does not take predictions of an earlier run for those of this one', async () => {
    writeFileSync(join(folder, 'predictions.csv'), 'id,y_pred\n1,0\n');
    await expect(predict('true')).rejects.toThrow('wrote no predictions');
  });

  test('reports the last lines of a command that fails', async () => {
    await expect(predict('echo no such column: dist; exit 4')).rejects.toThrow(
      /exit status 4.*\n {2}no such column: dist/s,
    );
  });
});

describe('startServer', () => {
  const serve = async (command: string, options: { startTimeoutMs?: number } = {}) =>
    startServer({
      command,
      modelDir: folder,
      port: await freePort(),
      cwd: folder,
      env,
      logFile: join(folder, 'logs', 'server.log'),
      ...options,
    });
  const answering = (status: number) =>
    `exec node -e 'require("http").createServer((q, r) => { r.statusCode = q.url === "/ping" ? ${status} : 404; r.end(); }).listen(process.env.PORT, "127.0.0.1")'`;

  test('resolves when /ping answers 200, and stop ends the server', async () => {
    const program = await serve(answering(200));
    expect(program.isAlive()).toBe(true);
    await program.stop(2_000);
    expect(groupIsAlive(program.pid)).toBe(false);
  });

  test('reports the last lines of a server that dies', async () => {
    await expect(serve('echo loading; echo no module named flask >&2; exit 1')).rejects.toThrow(
      /exit status 1 before it was ready.*no module named flask/s,
    );
  });

  test('gives up on a server that never becomes ready, names its answer and ends it', async () => {
    await expect(serve(`echo $$ > pid; ${answering(503)}`, { startTimeoutMs: 1_500 })).rejects.toThrow(
      /not ready after 2 s.*status 503/s,
    );
    expect(groupIsAlive(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(false);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
