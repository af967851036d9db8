/** Whether an IP address, without brackets, is this machine's own (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export const isLoopbackAddress = (address: string): boolean =>
  address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);

/** Whether a host, given by name or by address, with or without brackets, is this machine (RFC 6761 section 6.3). */
export const isLoopbackHost = (host: string): boolean =>
  host.toLowerCase() === 'localhost' || isLoopbackAddress(host.replace(/^\[(.*)\]$/, '$1'));
