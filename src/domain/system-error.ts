const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAI_AGAIN: 'the resolver does not answer',
  EISDIR: 'it is a folder',
  ELOOP: 'too many symbolic links',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is no folder',
  ENOTFOUND: 'there is no host of this name',
  EPERM: 'permission denied',
  ERR_ACCESS_DENIED: "Node's permission model does not allow it",
};

/** What the system's error about a file or an address means, without the value that it is about: in words, or its code. */
export function systemReason(error: unknown): string {
  const { code = 'unknown error' } = error as { readonly code?: string };
  return WORDS[code] ?? code;
}
