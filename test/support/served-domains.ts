import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createListener } from '../../src/adapters/http/listener.ts';
import { routes } from '../../src/adapters/http/routes.ts';
import { createHttpServer } from '../../src/adapters/http/server/create-server.ts';
import { createQrEncoder } from '../../src/adapters/qr/qr-encoder.ts';
import { readAutodiscoverRequest } from '../../src/adapters/xml/read-autodiscover-request.ts';
import { createLookup } from '../../src/app/lookup.ts';
import { CLOCK } from '../../src/app/open-log.ts';
import { readSettings } from '../../src/app/options.ts';
import type { ServedDomain } from '../../src/domain/served-domain.ts';
import type { Directory } from '../../src/ports/directory.ts';
import type { Initdb } from '../../src/ports/initdb.ts';
import type { ProfileSigner } from '../../src/ports/profile-signer.ts';
import { MemoryLog } from './memory-log.ts';
import type { Cleanup } from './temporary-folder.ts';

interface Options {
  readonly directory?: Directory;
  readonly signer?: ProfileSigner;
}

const none = async (): Promise<never> => assert.fail('nothing is stored here');
const NO_INITDB: Initdb = { assertDatabase: () => assert.fail(), seedSample: none, seedJson: none, purge: none };
const NOBODY: Directory = { find: async () => undefined, close: async () => undefined };

/** Serves these domains as the daemon does, without a database. */
export async function serveDomains(
  cleanup: Cleanup,
  domains: readonly ServedDomain[],
  { directory = NOBODY, signer }: Options = {},
): Promise<{ readonly base: string; readonly port: number; readonly log: MemoryLog }> {
  const log = new MemoryLog();
  const settings = readSettings(undefined);
  const all = routes(
    {
      health: { check: async () => 'ready' },
      initdb: NO_INITDB,
      readAutodiscoverRequest,
      clock: CLOCK,
      signer,
      qrEncoder: createQrEncoder(log),
    },
    settings,
  );
  const lookup = createLookup(async (name) => domains.find((each) => each.name === name), directory, log);
  const listener = createListener({ routes: all, lookup, proxyCount: 0, log, clock: CLOCK });
  const { server, stop } = createHttpServer(listener, settings.limits);
  cleanup.after(stop);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { base: `http://127.0.0.1:${port}`, port, log };
}
