import type { DomainName } from '../domain/domain-name.ts';
import { DEFAULT_USER_NAME } from '../domain/mail-domain.ts';
import type { Seed, SeedDavServer, SeedMailServer } from '../domain/seed.ts';

const mail = (type: SeedMailServer['type'], port: number, socketType: string): SeedMailServer => ({
  type,
  name: 'mail.example.com',
  port,
  priority: 10,
  socketType,
  userName: DEFAULT_USER_NAME,
  authentication: 'plain',
});

const dav = (type: SeedDavServer['type'], folder: string): SeedDavServer => ({
  type,
  url: `https://example.com/dav/${folder}/%EMAILADDRESS%/`,
  port: 443,
  userName: DEFAULT_USER_NAME,
  domains: ['example.com'],
});

/** A provider to look at, in names that RFC 2606 section 3 keeps free for examples. */
export const SAMPLE_SEED: Seed = {
  provider: { name: 'Example Inc.', shortName: 'Example' },
  domains: ['example.com', 'example.net', 'example.org'].map((name) => ({
    name: name as DomainName,
    directoryId: undefined,
  })),
  mailServers: [mail('imap', 993, 'SSL'), mail('pop', 110, 'STARTTLS'), mail('smtp', 587, 'STARTTLS')],
  davServers: [dav('caldav', 'calendars'), dav('carddav', 'contacts')],
  directories: [],
};
