import { element, writeXml, type XmlElement, xmlText } from './xml.ts';

/** A property list value; numbers are integers. Keys whose value is undefined or an empty text are left out. */
export type PlistValue = string | number | boolean | readonly PlistValue[] | PlistDictionary;
export interface PlistDictionary {
  readonly [key: string]: PlistValue | undefined;
}

const DOCTYPE =
  '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n';

// An empty text keeps a device from asking for what is missing, so it is as good as no value.
const isEmpty = (value: PlistValue | undefined): value is undefined =>
  value === undefined || (typeof value === 'string' && xmlText(value) === '');

function toElement(value: PlistValue): XmlElement {
  if (typeof value === 'string') return element('string', value);
  if (typeof value === 'boolean') return element(value ? 'true' : 'false', '');
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError('a property list holds whole numbers only');
    return element('integer', String(value));
  }
  if (Array.isArray(value)) return element('array', value.map(toElement));
  // Sorted, as Apple's own tools write them: the same settings are the same bytes.
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return element(
    'dict',
    entries.flatMap(([key, member]) => (isEmpty(member) ? [] : [element('key', key), toElement(member)])),
  );
}

/** Writes an XML property list (Apple, "PropertyList-1.0.dtd"), well-formed whatever the texts hold. */
export const writePlist = (root: PlistDictionary): string =>
  writeXml(element('plist', [toElement(root)], { version: '1.0' }), DOCTYPE);
