import type { ConnectionOptions } from 'node:tls';
import { DatabaseUrlError, type ServerUrl } from '../database-url.ts';
import { readPem } from '../pem.ts';

/** libpq's words (PostgreSQL manual, "SSL Support"). */
const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** TLS as `sslmode` and `sslrootcert` ask for it; false: none. `prefer` is TLS here, and may be given up. */
export function tlsOptions({ query, host }: ServerUrl): false | ConnectionOptions {
  const mode = query.get('sslmode') ?? 'prefer';
  if (!SSL_MODES.includes(mode)) throw new DatabaseUrlError(`sslmode must be one of ${SSL_MODES.join(', ')}`);
  if (host === undefined || mode === 'disable') {
    // libpq ignores sslmode on a socket; an operator who asks for verification there must learn that nothing is verified.
    if (mode.startsWith('verify-') && host === undefined) throw new DatabaseUrlError(`sslmode=${mode} needs a host`);
    return false;
  }
  const file = query.get('sslrootcert');
  const unreadable = (problem: string, cause: unknown): Error =>
    new DatabaseUrlError(`sslrootcert ${problem}`, { cause });
  const ca = file === undefined ? {} : { ca: readPem(file, unreadable) };
  // With a root certificate, libpq's "require" verifies as "verify-ca" does.
  const verifies = mode.startsWith('verify-') || (mode === 'require' && file !== undefined);
  // `host`: what the certificate must name; the driver hands over host names, but not addresses.
  if (mode === 'verify-full') return { ...ca, host, rejectUnauthorized: true };
  return { ...ca, rejectUnauthorized: verifies, checkServerIdentity: () => undefined };
}
