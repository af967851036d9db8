import { escapeText, XML_DECLARATION, xmlText } from './xml.ts';

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

function write(value: PlistValue, indent: string): string {
  if (typeof value === 'string') return `${indent}<string>${escapeText(value)}</string>\n`;
  if (typeof value === 'boolean') return `${indent}<${value}/>\n`;
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError('a property list holds whole numbers only');
    return `${indent}<integer>${value}</integer>\n`;
  }
  const tag = isArray(value) ? 'array' : 'dict';
  const members = isArray(value) ? writeArray(value, `${indent}  `) : writeDictionary(value, `${indent}  `);
  return members === '' ? `${indent}<${tag}/>\n` : `${indent}<${tag}>\n${members}${indent}</${tag}>\n`;
}

// Array.isArray does not know readonly arrays.
const isArray = (value: PlistValue): value is readonly PlistValue[] => Array.isArray(value);

const writeArray = (values: readonly PlistValue[], indent: string): string =>
  values.map((value) => write(value, indent)).join('');

function writeDictionary(value: PlistDictionary, indent: string): string {
  let members = '';
  // Sorted, as Apple's own tools write them: the same settings are the same bytes.
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (!isEmpty(member)) members += `${indent}<key>${escapeText(key)}</key>\n${write(member, indent)}`;
  }
  return members;
}

/** Writes an XML property list (Apple, "PropertyList-1.0.dtd"), well-formed whatever the texts hold. */
export const writePlist = (root: PlistDictionary): string =>
  `${XML_DECLARATION}${DOCTYPE}<plist version="1.0">\n${write(root, '  ')}</plist>\n`;
