import { readDocument } from '../domain/documents/read-document.ts';
import type { Rows } from '../domain/tables.ts';

const dav = (type: string, folder: string) => ({
  type,
  url: `https://example.com/dav/${folder}/%EMAILADDRESS%/`,
  port: 443,
});

const rows = readDocument({
  version: 2,
  provider: 'Example Inc.',
  domains: ['example.com', 'example.net', 'example.org'].map((name) => ({ name })),
  servers: [
    { type: 'imap', name: 'mail.example.com' },
    { type: 'pop', name: 'mail.example.com', port: 110 },
    { type: 'smtp', name: 'mail.example.com' },
    dav('caldav', 'calendars'),
    dav('carddav', 'contacts'),
  ],
});

/** A provider to look at, in names that RFC 2606 section 3 keeps free for examples; only the first domain has DAV servers. */
export const SAMPLE_SEED: Rows = {
  ...rows,
  davserver_domain: rows.davserver_domain.filter((link) => link['domain_id'] === 1),
};
