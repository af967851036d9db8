import type { EmailAddress } from '../domain/email-address.ts';

/**
 * Reads the address from the body of an Autodiscover request ([MS-OXDSCLI] section 2.2.3).
 * Throws request_malformed, address_missing, address_invalid, or schema_unsupported if the request is for another schema
 * than that of mail settings.
 */
export type AutodiscoverRequestReader = (body: Uint8Array) => EmailAddress;
