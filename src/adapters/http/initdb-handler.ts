import { Failure } from '../../domain/failure.ts';
import type { Initdb } from '../../ports/initdb.ts';
import { type Exchange, type Handler, type Reply, textReply } from './exchange.ts';

/** How far /initdb/ goes, as the option `initdb` says. */
export type InitdbMode = 'off' | 'seed' | 'purge';

interface InitdbServices {
  readonly initdb: Initdb;
  readonly mode: InitdbMode;
  readonly maxOctets: number;
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Throws not_permitted, naming the option that decides, unless the request may do what it asks for. */
function permit(exchange: Exchange, mode: InitdbMode): void {
  if (!exchange.origin.isLoopback()) {
    throw new Failure('not_permitted', 'Only this machine itself may do this, as far as the option initdb allows');
  }
  if (mode === 'off') throw new Failure('not_permitted', 'The option initdb is "off"');
  if (exchange.method === 'DELETE' && mode !== 'purge') {
    throw new Failure('not_permitted', `The option initdb is "${mode}"; to delete all data it must be "purge"`);
  }
}

/**
 * Handlers of /initdb/, by method: GET creates tables and sample data in an empty database, POST stores a JSON seed,
 * DELETE empties all tables. HEAD changes nothing.
 */
export function initdbHandlers({
  initdb,
  mode,
  maxOctets,
}: InitdbServices): Readonly<Record<'GET' | 'HEAD' | 'POST' | 'DELETE', Handler>> {
  const permitted =
    (handler: Handler): Handler =>
    async (exchange) => {
      permit(exchange, mode);
      return handler(exchange);
    };
  return {
    GET: permitted(async () =>
      (await initdb.seedSample())
        ? textReply(200, 'The database is prepared and holds the sample data')
        : textReply(200, 'The database holds data already; nothing was changed'),
    ),
    HEAD: permitted(async () => textReply(200, '')),
    POST: permitted(async (exchange): Promise<Reply> => {
      if (!JSON_TYPE.test(exchange.contentType)) throw new Failure('not_json', 'the body is no JSON by its type');
      const body = await exchange.body(maxOctets);
      if (body === undefined) throw new Failure('seed_invalid', `a seed has ${maxOctets} octets at most`);
      await initdb.seedJson(body);
      return textReply(200, 'The seed is stored');
    }),
    DELETE: permitted(async () => {
      await initdb.purge();
      return textReply(200, 'All data are deleted');
    }),
  };
}
