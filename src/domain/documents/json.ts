import { FieldError } from '../fields.ts';

/** A token of RFC 8259 after white space: punctuation, a string, or another scalar. */
const TOKEN =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

/** Which tokens may come next: "value", "string", and signs. */
const VALUE: readonly string[] = ['value', '{', '['];
const AFTER: Readonly<Record<string, readonly string[]>> = {
  '{': ['string', '}'],
  '[': [...VALUE, ']'],
  ':': VALUE,
};

/** The largest document, in octets; V8 takes texts of about twice as many, and parsing takes several times the memory. */
const MAX_JSON_OCTETS = 268_435_456;

/** How deep objects and arrays may lie in each other: documents have 6 levels, and what is open takes memory. */
const MAX_LEVELS = 100;

/** An object or array that is not closed yet. */
interface Open {
  readonly close: '}' | ']';
  /** Keys of an object so far; an array has none. */
  readonly keys: Set<string> | undefined;
  /** The key or the index of the member that is being read. */
  at: string | number;
}

interface Mistake {
  readonly offset: number;
  readonly reason: 'syntax' | 'depth' | 'key';
  /** The path of the key that is there twice. */
  readonly path?: string;
}

const pathOf = (open: readonly Open[]): string =>
  open.map(({ at }, index) => (typeof at === 'number' ? `[${at}]` : `${index === 0 ? '' : '.'}${at}`)).join('');

/** Where a text stops being JSON, is too deep, or repeats a key of an object: JSON.parse reports neither place nor path. */
function mistakeIn(text: string): Mistake | undefined {
  const open: Open[] = [];
  let expected = VALUE;
  let offset = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [, sign, string] = match;
    const isKey = string !== undefined && expected.includes('string');
    const kind = sign ?? (isKey ? 'string' : 'value');
    if (!expected.includes(kind)) break;
    const parent = open.at(-1);
    if (isKey && parent?.keys !== undefined) {
      parent.at = JSON.parse(string) as string;
      if (parent.keys.has(parent.at)) {
        return { offset: TOKEN.lastIndex - string.length, reason: 'key', path: pathOf(open) };
      }
      parent.keys.add(parent.at);
    }
    offset = TOKEN.lastIndex;
    if (kind === '{') open.push({ close: '}', keys: new Set(), at: '' });
    else if (kind === '[') open.push({ close: ']', keys: undefined, at: 0 });
    else if (kind === '}' || kind === ']') open.pop();
    else if (kind === ',' && typeof parent?.at === 'number') parent.at += 1;
    if (open.length > MAX_LEVELS) return { offset: offset - 1, reason: 'depth' };
    const inside = open.at(-1);
    const after = AFTER[kind];
    if (after !== undefined) expected = after;
    else if (isKey) expected = [':'];
    else if (kind === ',') expected = inside?.close === '}' ? ['string'] : VALUE;
    else expected = inside === undefined ? [] : [',', inside.close];
  }
  const rest = text.slice(offset);
  return open.length === 0 && offset > 0 && rest.trim() === ''
    ? undefined
    : { offset: offset + rest.length - rest.trimStart().length, reason: 'syntax' };
}

/** "line 3, column 14", both counted from 1, for people. */
function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}

/**
 * Parses the octets of a document, called `name` in messages, as JSON in UTF-8 (RFC 8259), in which an object has each key
 * once. Throws FieldError, which names line and column and quotes nothing.
 */
export function parseJson(octets: Uint8Array, name: string): unknown {
  if (octets.length > MAX_JSON_OCTETS) throw new FieldError(name, `must be at most ${MAX_JSON_OCTETS} octets`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    throw new FieldError(name, 'must be UTF-8');
  }
  if (text.trim() === '') throw new FieldError(name, 'must not be empty');
  const mistake = mistakeIn(text);
  if (mistake === undefined) return JSON.parse(text);
  const place = placeOf(text, mistake.offset);
  switch (mistake.reason) {
    case 'key':
      throw new FieldError(mistake.path ?? name, `repeats an earlier one (${place})`);
    case 'depth':
      throw new FieldError(name, `must be at most ${MAX_LEVELS} levels deep (${place})`);
    case 'syntax':
      throw new FieldError(name, `not valid JSON at ${place}`);
  }
}
