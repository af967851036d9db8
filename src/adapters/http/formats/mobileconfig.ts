import { MOBILECONFIG } from '../../../domain/formats/mobileconfig.ts';
import { MOBILECONFIG_EXCHANGE } from '../../../domain/formats/mobileconfig-exchange.ts';
import { PROFILE } from '../../../domain/formats/profile.ts';
import type { ProfileSigner } from '../../../ports/profile-signer.ts';
import { readClientAddress } from '../client-address.ts';
import type { Handler, Route } from '../listener.ts';
import type { Request } from '../request.ts';
import { queryParameter } from '../request-target.ts';

/**
 * The value of `account` that asks for the profile with ActiveSync in place of that with IMAP. Any other one counts as none:
 * parameters that are not known have never changed an answer, and addresses of profiles are in mails and on web pages.
 */
const EXCHANGE = 'exchange';

/**
 * `name` is the user's own name; forms write a blank in it as "+", which in an address is a plus. A `password`, which automx2
 * would put into the profile, is ignored.
 */
const get = async ({ target: { query }, lookup }: Request, signer: ProfileSigner | undefined): ReturnType<Handler> => {
  const user = await lookup.user(readClientAddress(queryParameter(query, 'emailaddress') ?? ''));
  if (user === undefined) return undefined;
  const isExchange = queryParameter(query, 'account') === EXCHANGE;
  const profile = user
    .named(queryParameter(query.replaceAll('+', '%20'), 'name'))
    .document(isExchange ? MOBILECONFIG_EXCHANGE : MOBILECONFIG);
  const signed = await signer?.sign(profile);
  // A DomainName is letters, digits, "-", "_" and ".": safe in a header and in a file name.
  const filename = `${user.address.domain}${isExchange ? `-${EXCHANGE}` : ''}.mobileconfig`;
  return {
    status: 200,
    contentType: PROFILE.contentType,
    body: signed ?? profile,
    lengthVaries: signed !== undefined,
    headers: { 'Content-Disposition': `attachment; filename="${filename}"` },
  };
};

/** Profiles are signed where there is a signer. */
export const mobileconfigRoute = (signer: ProfileSigner | undefined): Route => ({
  format: MOBILECONFIG.name,
  path: /^\/mobileconfig\/?$/,
  methods: { GET: (request) => get(request, signer) },
});
