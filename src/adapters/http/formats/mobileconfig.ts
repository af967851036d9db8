import { MOBILECONFIG } from '../../../domain/formats/mobileconfig.ts';
import type { ProfileSigner } from '../../../ports/profile-signer.ts';
import { readClientAddress } from '../client-address.ts';
import type { Handler, Route } from '../listener.ts';
import type { Request } from '../request.ts';
import { queryParameter } from '../request-target.ts';

/** `name` is the user's own name; forms write a blank in it as "+", which in an address is a plus. A `password`, which automx2 would put into the profile, is not looked at. */
const get = async ({ target: { query }, lookup }: Request, signer: ProfileSigner | undefined): ReturnType<Handler> => {
  const user = await lookup.user(readClientAddress(queryParameter(query, 'emailaddress') ?? ''));
  if (user === undefined) return undefined;
  const profile = user.named(queryParameter(query.replaceAll('+', '%20'), 'name')).document(MOBILECONFIG);
  const signed = await signer?.sign(profile);
  return {
    status: 200,
    contentType: MOBILECONFIG.contentType,
    body: signed ?? profile,
    lengthVaries: signed !== undefined,
    // A DomainName is letters, digits, "-", "_" and ".": safe in a header and in a file name.
    headers: { 'Content-Disposition': `attachment; filename="${user.address.domain}.mobileconfig"` },
  };
};

/** Profiles are signed where there is a signer. */
export const mobileconfigRoute = (signer: ProfileSigner | undefined): Route => ({
  format: MOBILECONFIG.name,
  path: /^\/mobileconfig\/?$/,
  methods: { GET: (request) => get(request, signer) },
});
