import { Failure } from '../../../domain/failure.ts';
import type { Initdb } from '../../../ports/initdb.ts';
import type { Handler, Route } from '../listener.ts';
import { type Reply, textReply } from '../reply.ts';
import type { Request } from '../request.ts';
import { requireLoopback } from './permission.ts';

/** How far /initdb/ goes, as the option `initdb` says. */
export type InitdbMode = 'off' | 'seed' | 'purge';

interface InitdbServices {
  readonly initdb: Initdb;
  readonly mode: InitdbMode;
  readonly maxOctets: number;
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Throws not_permitted, naming the option that decides, unless the request may do what it asks for. */
function permit(request: Request, mode: InitdbMode): void {
  requireLoopback(request, ', as far as the option initdb allows');
  if (mode === 'off') throw new Failure('not_permitted', 'The option initdb is "off"');
  if (request.method === 'DELETE' && mode !== 'purge') {
    throw new Failure('not_permitted', `The option initdb is "${mode}"; to delete all data it must be "purge"`);
  }
}

/**
 * GET creates tables and sample data in an empty database, POST stores a JSON seed, DELETE empties all tables. HEAD
 * changes nothing.
 */
export function initdbRoute({ initdb, mode, maxOctets }: InitdbServices): Route {
  const permitted =
    (handler: Handler): Handler =>
    async (request) => {
      permit(request, mode);
      initdb.assertDatabase();
      return handler(request);
    };
  const seed = async (request: Request): Promise<Reply> => {
    if (!JSON_TYPE.test(request.contentType)) throw new Failure('not_json', 'the Content-Type is not JSON');
    const octets = await request.body(maxOctets);
    if (octets === undefined) throw new Failure('document_invalid', `a seed must be ${maxOctets} octets at most`);
    return textReply(200, `The ${await initdb.seedJson(octets)} is stored`);
  };
  return {
    format: 'initdb',
    path: /^\/initdb\/?$/,
    methods: {
      GET: permitted(async () =>
        (await initdb.seedSample())
          ? textReply(200, 'Database ready; sample data stored')
          : textReply(200, 'The database holds data already; nothing was changed'),
      ),
      HEAD: permitted(async () => textReply(200, '')),
      POST: permitted(seed),
      DELETE: permitted(async () => {
        await initdb.purge();
        return textReply(200, 'All data deleted');
      }),
    },
  };
}
