/** A second stand-in for AWS, which others wrote: what is made is kept, and made at once. */
import { freePort } from '../workflow/container-registry.ts';
import { startPythonServer } from './python-server.ts';

/** @param python an interpreter with moto. @param folder where it runs. */
export async function startMoto(
  python: string,
  folder: string,
): Promise<{ url: string; end: () => Promise<void> }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const end = await startPythonServer(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, PYTHONDONTWRITEBYTECODE: '1' },
    answersAt: `${url}/moto-api/data.json`,
  });
  return { url, end };
}
