import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Prints debian/copyright (DEP-5) of the folder that is the argument: of automx2 and of the packages in its node_modules. */
process.chdir(process.argv[2] ?? '.');

interface Manifest {
  readonly license: string;
  readonly author?: string | { readonly name: string };
}

const onDebian = (name: string): string => `On Debian systems, the text is in /usr/share/common-licenses/${name}.`;

/** A text as the value of a field: indented, a dot for an empty line. */
const folded = (text: string): string => text.trim().replace(/^\s*$/gm, '.').replace(/^/gm, ' ');

const paragraph = (files: string, holders: readonly string[], license: string, text: string): string =>
  `Files: ${files}\nCopyright: ${holders.join('\n ')}\nLicense: ${license}\n${folded(text)}`;

/** The licence of one package; some name it in package.json only. */
function ofPackage(folder: string): string {
  const { license, author = 'its contributors' } = JSON.parse(
    readFileSync(`${folder}/package.json`, 'utf8'),
  ) as Manifest;
  const texts = readdirSync(folder)
    .filter((file) => /^licen[sc]e/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'));
  const named = texts.flatMap((text) => text.match(/(?<=^[ \t]*Copyright:? )(?:\(c\)|©|\d).*\S/gim) ?? []);
  const holders = named.length > 0 ? [...new Set(named)] : [typeof author === 'string' ? author : author.name];
  const text = texts.map((each) => (each.includes('Apache License') ? onDebian('Apache-2.0') : each)).join('\n');
  const files = `usr/lib/automx2/${folder}/*`;
  const short = license.replace(/[()]/g, '').replace(' OR ', ' or ');
  return paragraph(
    files,
    holders,
    short,
    text || `Said by package.json; other packages here have the text of ${short}.`,
  );
}

const folders = globSync('node_modules/{*,@*/*}/package.json').map(dirname).sort();
const paragraphs = [
  'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: automx2',
  paragraph('*', ['the contributors of automx2 in TypeScript'], 'GPL-3.0-or-later', onDebian('GPL-3')),
  ...folders.map(ofPackage),
];
if (existsSync('node')) {
  const text = 'LICENSE.node in this folder has the texts, also of what Node.js includes.';
  paragraphs.push(
    paragraph('usr/lib/automx2/node', ['Node.js contributors, Joyent, Inc. and others'], 'Expat and others', text),
  );
}
process.stdout.write(`${paragraphs.join('\n\n')}\n`);
