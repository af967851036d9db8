import { davContextUrl } from '../../../domain/dav-url.ts';
import { parseDomainName } from '../../../domain/domain-name.ts';
import { Failure } from '../../../domain/failure.ts';
import { DAV_TYPES, type DavServer, type MailDomain } from '../../../domain/mail-domain.ts';
import { ANY_METHOD, type Handler, type Route } from '../listener.ts';
import { textReply } from '../reply.ts';
import { oneSlash } from '../request-target.ts';

const WELL_KNOWN = '/\\.well-known/';

/** Where a service of a domain is, best first; undefined: it differs by user. */
type Locations = (settings: MailDomain) => readonly (string | undefined)[];

const davLocations =
  (type: DavServer['type']): Locations =>
  ({ name, davServers }) =>
    davServers.filter((server) => server.type === type).map(({ url }) => davContextUrl(url, name));

const jmapLocation: Locations = ({ extras: { jmap } }) => [jmap?.url];

/**
 * A mail domain's own host leads to its servers of DAV (RFC 6764 section 5) and JMAP (RFC 8620 section 2.2), whatever the
 * method: 307 keeps a PROPFIND what it is.
 */
const redirect =
  (service: string, locationsOf: Locations): Handler =>
  async ({ origin: { host }, lookup }) => {
    const domain = await lookup.host(host);
    if (domain === undefined) return undefined;
    const location = locationsOf(domain.settings).find((url) => url !== undefined && !leadsBack(url, host));
    if (location === undefined) throw new Failure('protocol_unconfigured', `${domain.name}: no ${service} server`);
    return textReply(307, `Go on at ${location}`, { Location: location });
  };

/** Whether a client that follows would be here again. */
function leadsBack(url: string, host: string): boolean {
  const { hostname, port, pathname } = new URL(url);
  return (
    parseDomainName(hostname) === parseDomainName(host) &&
    port === '' &&
    wellKnownRoutes.some(({ path }) => path.test(oneSlash(pathname)))
  );
}

const route = (service: string, locationsOf: Locations): Route => ({
  format: service,
  path: new RegExp(`^${WELL_KNOWN}${service}/?$`),
  methods: { [ANY_METHOD]: redirect(service, locationsOf) },
});

/** Where clients begin that know the mail domain only: RFC 6764 section 5, RFC 8620 section 2.2. */
export const wellKnownRoutes: readonly Route[] = [
  ...DAV_TYPES.map((type) => route(type, davLocations(type))),
  route('jmap', jmapLocation),
];
