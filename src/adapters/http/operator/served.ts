import { type DomainName, parseDomainName } from '../../../domain/domain-name.ts';
import type { Route } from '../listener.ts';
import { isOwnHost } from '../own-host.ts';
import { textReply } from '../reply.ts';
import { queryParameter } from '../request-target.ts';
import { requireLoopback } from './permission.ts';

/** Who may ask for what is served, as the option `served` says. */
export type ServedMode = 'loopback' | 'all';

/**
 * Tells a front proxy that is about to fetch a certificate (Caddy's on-demand `ask`) whether the host in `domain` is a
 * served mail domain, one of the names in front of it under which clients ask, or the host that DNS leads to: 200, else 404.
 */
export const servedRoute = (mode: ServedMode, publicHost: DomainName | undefined): Route => ({
  format: 'served',
  path: /^\/v1\/served$/,
  methods: {
    async GET(request) {
      if (mode === 'loopback') requireLoopback(request, ', unless the option served is "all"');
      const host = parseDomainName(queryParameter(request.target.query, 'domain') ?? '');
      const isServed = host !== undefined && (host === publicHost || (await isOwnHost(host, request.lookup)));
      return isServed ? textReply(200, 'This host is served here') : undefined;
    },
  },
});
