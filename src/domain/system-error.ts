const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAI_AGAIN: 'the resolver does not answer',
  EEXIST: 'it is there already',
  EISDIR: 'it is a folder',
  ELOOP: 'too many symbolic links',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is not a folder',
  ENOTFOUND: 'no host has this name',
  EPERM: 'permission denied',
  ERR_ACCESS_DENIED: "Node's permission model does not allow it",
};

/** The reason of a system error about a file or an address, in words where we have them, else its code. It holds no value. */
export function systemReason(error: unknown): string {
  const { code = 'unknown error' } = error as { readonly code?: string };
  return WORDS[code] ?? code;
}
