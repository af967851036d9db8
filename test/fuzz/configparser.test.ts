import assert from 'node:assert/strict';
import { test } from 'node:test';
import ini from 'ini';
import { ConfigSyntaxError, normaliseSection } from '../../src/adapters/config/configparser.ts';
import { ROUNDS, randomFrom, SEED } from './random.ts';

const PIECES = [
  ...['[automx2]\n', '[DEFAULT]\n', '[a.b]\n', '[automx2] ; note\n', ' [x]\n', '[', ']', 'loglevel', 'a', 'A'],
  ...['b', '='],
  ...[' = ', ':', '\n', '\n', '\r\n', '\r', '\n  ', '\n\t', '#', ';', '%', '%%', '%(a)s', '%(b)s', '%(', ')s'],
  ...['"', "'"],
  ...['\\', '[]', '{}', 'true', 'null', '__proto__', 'constructor', '.', ' ', '\ufeff', '\0', 'ü', '😀', '$&'],
];

const random = randomFrom(SEED);

test('any text is either read or refused', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const text = random.pick(['', '[automx2]\n', '[automx2]\na = 1\n']) + random.text(PIECES, 30);
    try {
      const section = normaliseSection(text, 'automx2', () => true);
      if (section !== undefined) ini.parse(section.ini);
    } catch (error) {
      const told = `FUZZ_SEED=${SEED} round ${round}: ${JSON.stringify(text)} gave ${String(error)}`;
      assert.ok(error instanceof ConfigSyntaxError, told);
      assert.ok(error.line >= 1 && error.line <= text.split(/\r\n|\r|\n/).length, told);
    }
  }
});

const VALUES = [
  ...['a', 'B', '7', '=', ':', '#', ';', '%', '%%', '"', "'", '\\', '\\n', '[', ']', '{', '}', ',', '.'],
  ...['true', 'null'],
  ...[' ', '\t', '$&', '[automx2]', '[]', 'é', '日', '😀', '\0', '\x1b'],
];
const NAMES = ['a', 'é', '7', '#', ';', '%', '"', "'", '\\', '[', ']', '.', ' ', '\t', 'true', '-', '$&', '日'];

/** A name that configparser reads as one, and that ini takes for no array. */
function optionName(): string {
  const name = random.text(NAMES, 4).trim().toLowerCase();
  const isOther = name === '' || /^[#;[]/.test(name) || name.endsWith('[]');
  return isOther ? optionName() : name;
}

test('what goes to ini comes back from it exactly', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const want = new Map<string, string>();
    const text = ['[automx2]'];
    for (let options = random.below(6); options > 0; options--) {
      const name = optionName();
      if (want.has(name)) continue;
      // The first line stands behind the name; the others begin with a letter, so that none is a comment or blank.
      const lines = Array.from({ length: 1 + random.below(3) }, (_, index) =>
        `${index === 0 ? '' : 'x'}${random.text(VALUES, 8)}`.trim(),
      );
      want.set(name, lines.join('\n'));
      text.push(...random.pick([[], ['# note'], ['', '; note = 1']]));
      const escaped = lines.map((line) => line.replaceAll('%', '%%'));
      text.push(
        `${name}${random.pick(['=', ' = ', ':', '\t: '])}${escaped.join(random.pick(['\n ', '\n# note\n\t']))}`,
      );
    }
    const source = text.join(random.pick(['\n', '\r\n']));
    const told = `FUZZ_SEED=${SEED} round ${round}: ${JSON.stringify(source)}`;
    const section = normaliseSection(source, 'automx2', () => true);
    const values = ini.parse(section?.ini ?? '')['automx2'] as Record<string, unknown>;
    assert.deepEqual(new Map(Object.entries(values).map(([name, value]) => [name, String(value)])), want, told);
    assert.deepEqual([...(section?.lines.keys() ?? [])], [...want.keys()], told);
  }
});
