import { Failure } from '../../../domain/failure.ts';
import type { Health } from '../../../ports/health.ts';
import type { Route } from '../listener.ts';
import { HTML } from '../reply.ts';

/** What the page says of the database. */
const STATE = {
  ready: 'The database is ready.',
  empty: 'The database has its tables, but no domain yet.',
  remembered:
    'The database did not answer in time when it was asked last; domains that are known from before are answered from memory.',
  unprepared:
    'The database has no tables yet, or not all. On the machine itself, <code>automx2 init</code> creates them.',
  unreachable: 'The database is unreachable; the log says why.',
} as const;

/** And of a settings file, which is always at hand. */
const FILE_STATE = {
  ...STATE,
  ready: 'The settings are ready.',
  empty: 'The settings file has no domain yet.',
} as const;

// The page holds nothing of the request, so nothing needs escaping.
const page = (state: string): string => `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>automx2</title></head>
<body>
<h1>automx2</h1>
<p>This service gives mail programs the settings of a mail domain, so that they set themselves up.</p>
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

/** What this is, and whether the database, or the settings file, is ready. */
export const statusRoute = (health: Health, hasDatabase: boolean): Route => ({
  format: 'root',
  path: /^\/$/,
  methods: {
    async GET() {
      const state = await health.check().catch((error: unknown) => {
        if (error instanceof Failure && error.code === 'store_unavailable') return 'unreachable' as const;
        if (error instanceof Failure && error.code === 'store_unprepared') return 'unprepared' as const;
        throw error;
      });
      return {
        status: 200,
        contentType: HTML,
        body: page((hasDatabase ? STATE : FILE_STATE)[state]),
        headers: { 'Content-Security-Policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'" },
      };
    },
  },
});
