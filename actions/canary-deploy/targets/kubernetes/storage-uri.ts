import { UserError } from '../../../../shared/errors.ts';

const VARIABLE = /\$(digest|version)\b/g;
const HEX = '[0-9a-f]{64}';

/** @throws UserError when two versions would lie at the same place. */
export function checkStorageUri(template: string): void {
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\/[^\s]+$/.test(template);
  if (isAddress && template.search(VARIABLE) >= 0) return;
  throw new UserError(`The input storage-uri does not tell where each version lies: ${template}.`, {
    where: { key: 'storage-uri' },
    fix: 'Give an address with $digest (64 hex digits) or $version in it, such as s3://models/churn/$digest.',
  });
}

/** Where a version lies. */
export function fillStorageUri(template: string, version: { digest: string; version: string }): string {
  const values = { digest: version.digest.replace('sha256:', ''), version: version.version };
  return template.replace(VARIABLE, (_, name: keyof typeof values) => values[name]);
}

/** The digest in an address that the template may have made; undefined when it did not. */
export function digestIn(template: string, address: string): string | undefined {
  if (!/\$digest\b/.test(template)) return undefined;
  const parts = template.split(VARIABLE).map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return part === 'digest' ? `(${HEX})` : '[^/]+';
  });
  const hex = new RegExp(`^${parts.join('')}$`).exec(address)?.[1];
  return hex && `sha256:${hex}`;
}
