import { MOBILECONFIG } from '../../../domain/formats/mobileconfig.ts';
import { readClientAddress } from '../client-address.ts';
import type { Handler, Route } from '../listener.ts';
import { queryParameter } from '../request-target.ts';

/** `name` is the user's own name; forms write a blank in it as "+", which in an address is a plus. A `password`, which automx2 would put into the profile, is not looked at. */
const get: Handler = async ({ target: { query }, lookup }) => {
  const user = await lookup.user(readClientAddress(queryParameter(query, 'emailaddress') ?? ''));
  if (user === undefined) return undefined;
  return {
    status: 200,
    contentType: MOBILECONFIG.contentType,
    body: user.named(queryParameter(query.replaceAll('+', '%20'), 'name')).document(MOBILECONFIG),
    // A DomainName is letters, digits, "-", "_" and ".": safe in a header and in a file name.
    headers: { 'Content-Disposition': `attachment; filename="${user.address.domain}.mobileconfig"` },
  };
};

export const mobileconfigRoute: Route = {
  format: MOBILECONFIG.name,
  path: /^\/mobileconfig\/?$/,
  methods: { GET: get },
};
