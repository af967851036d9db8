import { Failure } from '../../domain/failure.ts';
import type { DatabasePreparation } from '../../ports/database-preparation.ts';
import type { StoreState } from '../../ports/settings-store.ts';
import { type Handler, HTML, textReply } from './exchange.ts';

const STATE: Readonly<Record<StoreState | 'away', string>> = {
  filled: 'The database is ready.',
  empty: 'The database has its tables, but no data yet: see <code>/initdb/</code> in the manual.',
  unprepared:
    'The database has no tables yet. On the machine itself, <code>automx2 init</code> creates them, or ' +
    '<code>curl http://127.0.0.1:4243/initdb/</code> with sample data.',
  outdated: 'The database is of an older automx2: <code>automx2 migrate</code> upgrades it.',
  foreign: 'The database is not of automx2, or of a newer one; the log says more.',
  away: 'The database cannot be reached now; the log says why.',
};

// Nothing of the request stands on this page, so nothing needs escaping.
const page = (state: string): string => `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>automx2</title></head>
<body>
<h1>automx2</h1>
<p>This service tells mail programs which servers a mail domain uses, so that they set themselves up.</p>
<p>${state}</p>
<ul>
<li><a href="/mail/config-v1.1.xml?emailaddress=user@example.com">Mozilla Autoconfig for user@example.com</a></li>
<li><a href="/mobileconfig/?emailaddress=user@example.com">Apple configuration profile for user@example.com</a></li>
<li>Microsoft Autodiscover: POST to <code>/autodiscover/autodiscover.xml</code></li>
<li><a href="/healthz">Health</a></li>
</ul>
</body>
</html>
`;

/** The page at "/": what this is, and whether the database is ready. */
export function rootHandler(preparation: DatabasePreparation): Handler {
  return async () => {
    const state = await preparation.report().then(
      (report) => report.state,
      (error: unknown) => {
        if (error instanceof Failure && error.code === 'store_unavailable') return 'away' as const;
        throw error;
      },
    );
    return {
      status: 200,
      contentType: HTML,
      body: page(STATE[state]),
      headers: { 'Content-Security-Policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'" },
    };
  };
}

/** For monitors and load balancers: 200 when look-ups can be answered. */
export function healthHandler(preparation: DatabasePreparation): Handler {
  return async () => {
    const { state, detail } = await preparation.report();
    if (state !== 'filled' && state !== 'empty') throw new Failure('store_unprepared', detail);
    return textReply(200, 'ok');
  };
}
