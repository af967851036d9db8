import { readXml, type XmlNode } from './read-xml.ts';

/** A property list value under the type names of Apple's schema files. */
export type PlistNode =
  | { readonly type: 'string' | 'date' | 'data'; readonly value: string }
  | { readonly type: 'integer' | 'real'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'array'; readonly items: readonly PlistNode[] }
  | { readonly type: 'dictionary'; readonly members: ReadonlyMap<string, PlistNode> };

const DOCTYPE =
  '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">';
const INTEGER = /^-?(?:0|[1-9][0-9]*)$/;

function toNode({ name, children, text }: XmlNode): PlistNode {
  if (name === 'dict') {
    const members = new Map<string, PlistNode>();
    if (children.length % 2 !== 0) throw new Error('a key without a value');
    for (let index = 0; index < children.length; index += 2) {
      const [key, value] = children.slice(index, index + 2);
      if (key?.name !== 'key' || value === undefined) throw new Error('a value without a key');
      if (members.has(key.text)) throw new Error(`key ${key.text} twice`);
      members.set(key.text, toNode(value));
    }
    return { type: 'dictionary', members };
  }
  if (name === 'array') return { type: 'array', items: children.map(toNode) };
  if (children.length > 0) throw new Error(`elements in ${name}`);
  if (name === 'string' || name === 'date' || name === 'data') return { type: name, value: text };
  if ((name === 'true' || name === 'false') && text === '') return { type: 'boolean', value: name === 'true' };
  if (name === 'integer' && INTEGER.test(text)) return { type: 'integer', value: Number(text) };
  if (name === 'real' && text.trim() !== '' && Number.isFinite(Number(text))) {
    return { type: 'real', value: Number(text) };
  }
  throw new Error(`no plist value: ${name} ${text}`);
}

/** Reads an XML property list after Apple's PropertyList-1.0.dtd, by itself: nothing of src/ takes part. */
export function readPlist(document: string): PlistNode {
  if (document.split('\n')[1] !== DOCTYPE) throw new Error('no DOCTYPE of property lists');
  const root = readXml(document);
  const [value] = root.children;
  if (root.name !== 'plist' || root.attributes.get('version') !== '1.0' || root.children.length !== 1 || !value) {
    throw new Error('no plist element with one value');
  }
  return toNode(value);
}

export type PlistPlain = string | number | boolean | PlistPlain[] | { [key: string]: PlistPlain };

/** The value without its type names, to compare with a literal. */
export function plain(node: PlistNode): PlistPlain {
  if (node.type === 'array') return node.items.map(plain);
  if (node.type !== 'dictionary') return node.value;
  return Object.fromEntries([...node.members].map(([key, member]) => [key, plain(member)]));
}
