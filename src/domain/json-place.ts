/** A token of RFC 8259 after white space: punctuation, a string, or another scalar. */
const TOKEN =
  /[ \t\r\n]*(?:(?<sign>[{}[\],:])|(?<string>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?<scalar>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

/** Which tokens may come next: "value", "string", and signs. */
const VALUE = ['value', '{', '['];
const AFTER = { '{': ['string', '}'], '[': [...VALUE, ']'], ':': VALUE } as const;

/**
 * Where a text stops being JSON, in words, for people: JSON.parse does not always tell, and quotes the text. To be called for
 * a text that it has refused.
 */
export function placeOfMistake(text: string): string {
  const open: ('{' | '[')[] = [];
  let expected: readonly string[] = VALUE;
  TOKEN.lastIndex = 0;
  let offset = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const { sign, string } = match.groups ?? {};
    const isKey = string !== undefined && expected.includes('string');
    const kind = sign ?? (isKey ? 'string' : 'value');
    if (!expected.includes(kind)) break;
    offset = TOKEN.lastIndex;
    if (kind === '{' || kind === '[') open.push(kind);
    if (kind === '}' || kind === ']') open.pop();
    const inside = open.at(-1);
    if (kind === '{' || kind === '[' || kind === ':') expected = AFTER[kind];
    else if (isKey) expected = [':'];
    else if (kind === ',') expected = inside === '{' ? ['string'] : VALUE;
    else expected = inside === undefined ? [] : [',', inside === '{' ? '}' : ']'];
  }
  const start = offset + (/^[ \t\r\n]*/.exec(text.slice(offset))?.[0].length ?? 0);
  const lines = text.slice(0, start).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}
