import { parseEmailAddress } from '../../domain/email-address.ts';
import { writeMobileconfig } from '../../domain/formats/mobileconfig.ts';
import type { AccountLookup } from '../../ports/account-lookup.ts';
import type { Exchange, Handler, Reply } from './exchange.ts';
import { queryParameter } from './request-target.ts';

/**
 * Answers with an Apple configuration profile for `emailaddress`; `name` is the user's own name. A `password`, which
 * automx2 would put into the profile, is not looked at.
 */
export function mobileconfigHandler(lookUp: AccountLookup): Handler {
  return async (exchange: Exchange): Promise<Reply> => {
    const { query } = exchange.target;
    const address = parseEmailAddress(queryParameter(query, 'emailaddress') ?? '');
    exchange.domain = address.domain;
    const account = await lookUp(address);
    return {
      status: 200,
      contentType: 'application/x-apple-aspen-config',
      body: writeMobileconfig(account, address, queryParameter(query, 'name')),
      // A DomainName is letters, digits, "-", "_" and ".": safe in a header and in a file name.
      headers: { 'Content-Disposition': `attachment; filename="${address.domain}.mobileconfig"` },
    };
  };
}
