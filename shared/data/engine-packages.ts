/**
 * The native DuckDB library of every platform: the npm package that carries it and the sha512 of that package's
 * tarball, so that nothing is unpacked that is not byte for byte what was chosen here. The version moves together
 * with `@duckdb/node-api` in package.json (a test holds them equal).
 */

export const ENGINE_VERSION = '1.5.6-r.1';

export interface EnginePackage {
  /** npm package name. */
  name: string;
  version: string;
  /** Subresource integrity of the tarball: `sha512-<base64>`. */
  integrity: string;
}

const INTEGRITIES: Record<string, string> = {
  'linux-x64':
    'sha512-IXcrZJE6kEqM0Z4wwdVnGBHX/frOS33VPNAwDXQ/Q+Fs84b058Qe94chrCCIcNJlG8Y3UHIUU4eBeCQxW5mN1Q==',
  'linux-arm64':
    'sha512-3jnUaDil1BrF/6vAZwVaInJ1xoBaWGHB4PDiUnzJWKCo8a8TLx9j7/gPyPl/UGRBftrYIuTihRZSfF4mWMgtWA==',
  'linux-x64-musl':
    'sha512-PVzIEZqp7QN07WBgjmIH0cK2GKXR735KmL6wnghTzRnhHWrePxx3MjZB9zZHI8tB73wdF8luarBm4EgqSjGyVA==',
  'linux-arm64-musl':
    'sha512-j6dcNLWnFvlQyKMtl36HyeDsOaetXFoj0dH21Q9MbLjABNuJs5ekDV6zMSEda/g5+z1Tm6r2KFOS8j3tGUCRiw==',
  'darwin-x64':
    'sha512-tVwUZNvdQoaPJhrh3q2e6jxm1MhahNHJQK/pvCyco46NX0mEuGzlw9i0n2MArgsyzccdCwScOK9ctbyr+3oMbQ==',
  'darwin-arm64':
    'sha512-KFT/J/pyouuAD1jftAIfcWVRdorg+c/yVR/BJL8LJKrST+mYC4d7QSuQ+iXSYbFpHENUAeZUagXrMPtZT8Xzsg==',
  'win32-x64':
    'sha512-5Rpn5WXEG5gY/u7Keh+c4kuwG/LiE31pCP9CoCohv+u0aFensk/yRIQVW/CXuIoITky9xFhdRzaWUtAnGTYxJQ==',
  'win32-arm64':
    'sha512-nzNTZx9rus5QpuX+KH6UOPNeZp8yF25TxV6DiUly4RKgR5mu6xo8c7a7lS80AqxTJfJ9BwUIiqlCuYKWztRM5A==',
};

/** `linux-x64`, `linux-arm64-musl`, `darwin-arm64`, …: the platform part of the package's name. */
export function currentPlatform(): string {
  const platform = `${process.platform}-${process.arch}`;
  return process.platform === 'linux' && !usesGlibc() ? `${platform}-musl` : platform;
}

/** The package for a platform, or undefined where DuckDB publishes none. */
export function enginePackage(platform: string): EnginePackage | undefined {
  const integrity = INTEGRITIES[platform];
  if (!integrity) return undefined;
  return { name: `@duckdb/node-bindings-${platform}`, version: ENGINE_VERSION, integrity };
}

/** Where a registry keeps a package's tarball. */
export function tarballUrl(registry: string, engine: EnginePackage): string {
  const file = `${engine.name.slice(engine.name.indexOf('/') + 1)}-${engine.version}.tgz`;
  return `${registry.replace(/\/+$/, '')}/${engine.name}/-/${file}`;
}

function usesGlibc(): boolean {
  if (!process.report) return true;
  // Without this the report looks up the name of every open connection, which can take seconds.
  Reflect.set(process.report, 'excludeNetwork', true);
  const report: unknown = process.report.getReport();
  const header =
    typeof report === 'object' && report !== null && 'header' in report ? report.header : undefined;
  return typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header;
}
