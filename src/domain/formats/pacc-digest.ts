/** A tag of the record (version 03, section 5.2.2.2): blanks may stand around the equals sign. */
const TAG = /^[ \t]*([a-z\d]+)[ \t]*=[ \t]*([\x21-\x7e]+)[ \t]*$/i;
/** Others may come, and may be repeated. */
const OWN_TAGS = ['v', 'a', 'd'];
const SHA256_IN_BASE64 = /^[A-Za-z\d+/]{42}[AEIMQUYcgkosw048]=$/;

/** A pattern would try each blank of a long row of them. */
function withoutBlanksAtEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end -= 1;
  return text.slice(0, end);
}

/** The digest of such a record, in base64. Undefined: the text is no such record, or clients cannot use it. */
export function readPaccDigest(text: string): string | undefined {
  const tags = new Map<string, string>();
  const whole = withoutBlanksAtEnd(text);
  const parts = (whole.endsWith(';') ? withoutBlanksAtEnd(whole.slice(0, -1)) : whole).split(';');
  for (const part of parts) {
    const [, name, value] = TAG.exec(part) ?? [];
    if (name === undefined || value === undefined || (tags.has(name) && OWN_TAGS.includes(name))) return undefined;
    tags.set(name, value);
  }
  const isUsable = tags.get('v') === 'UAAC1' && tags.get('a') === 'sha256' && !/^[ \t]/.test(text);
  const digest = tags.get('d') ?? '';
  return isUsable && SHA256_IN_BASE64.test(digest) ? digest : undefined;
}
