import { Failure } from '../domain/failure.ts';
import type { Directory } from '../ports/directory.ts';

/**
 * A directory whose code is loaded when a domain that has one is first asked for. If that fails, as during an upgrade
 * when files are missing, look-ups reject with directory_unavailable, and the next one tries again.
 */
export function lazyDirectory(load: () => Promise<Directory>): Directory {
  let directory: Promise<Directory> | undefined;
  return {
    async find(server, address) {
      directory ??= load().catch((cause: unknown) => {
        directory = undefined;
        throw new Failure('directory_unavailable', 'directory: the code for LDAP cannot be loaded', { cause });
      });
      return (await directory).find(server, address);
    },
    async close() {
      await directory?.then(
        (loaded) => loaded.close(),
        () => undefined,
      );
    },
  };
}
