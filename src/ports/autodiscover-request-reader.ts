import type { EmailAddress } from '../domain/email-address.ts';

export interface AutodiscoverRequest {
  readonly address: EmailAddress;
  /** Whose answer the client asks for: Outlook's, which is mail settings, or that of Exchange ActiveSync. */
  readonly schema: 'outlook' | 'mobilesync';
}

/**
 * Reads the body of an Autodiscover request ([MS-OXDSCLI] section 2.2.3; [MS-ASCMD], "Autodiscover").
 * Throws request_malformed, address_missing, address_invalid, or schema_unsupported if the request is for another schema.
 */
export type AutodiscoverRequestReader = (body: Uint8Array) => AutodiscoverRequest;
