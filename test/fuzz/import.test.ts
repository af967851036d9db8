import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeXml, readXml } from '../../src/adapters/xml/read-xml.ts';
import { importAutoconfig } from '../../src/domain/documents/import-autoconfig.ts';
import { settingsOf } from '../../src/domain/documents/imported.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { Failure } from '../../src/domain/failure.ts';
import { ROUNDS, randomFrom, SEED } from './random.ts';

const FOLDER = new URL('../testdata/import/', import.meta.url);
const SAMPLES = readdirSync(FOLDER).map((name) => readFileSync(new URL(name, FOLDER), 'utf8'));
const PIECES = [
  ...['<domain>', '</domain>', '<incomingServer type="imap">', '</incomingServer>', '<outgoingServer type="smtp">'],
  ...['<hostname>', '</hostname>', '<port>', '</port>', '<socketType>', '</socketType>', '<authentication/>', '<a/>'],
  ...['<calendar type="caldav">', '<url>', '</url>', '<displayName>', '</displayName>', '<!--', '-->', '<![CDATA['],
  ...[
    '%EMAILADDRESS%',
    '%EMAILDOMAIN',
    '%',
    'https://',
    'SSL',
    '0',
    '993',
    '-1',
    '1e3',
    ' ',
    '\n',
    '\0',
    '😀',
    '\ud83d',
  ],
  ...['constructor', '__proto__', 'x'.repeat(70), '&amp;', '&x;', '"', '<', '>', '/', '.', '@', 'ü', 'xn--', ']]>'],
];

const random = randomFrom(SEED);

test('a provider file with some of it changed is refused, or imported as what a database takes', () => {
  let imported = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let xml = random.pick(SAMPLES);
    for (let changes = random.below(4); changes >= 0; changes--) {
      const at = random.below(xml.length + 1);
      xml = xml.slice(0, at) + random.text(PIECES, 2) + xml.slice(at + random.below(20));
    }
    const about = `FUZZ_SEED=${SEED} round ${round}: ${JSON.stringify(xml)}`;
    try {
      const root = readXml(decodeXml(Buffer.from(xml), 'document_invalid'), 'document_invalid');
      const content = importAutoconfig(root, () => undefined);
      readDocument(settingsOf([{ file: 'file', content }]));
      imported += 1;
    } catch (error) {
      assert.ok(error instanceof Failure, `${about} gave ${String(error)}`);
      assert.doesNotMatch(error.message, /^(?:provider|domains|servers)\b/, about);
    }
  }
  assert.ok(imported > 0);
});
