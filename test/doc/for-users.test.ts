import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { LANGUAGES, type Language, TEXTS } from '../../src/adapters/http/pages/languages.ts';
import { parseDomainName } from '../../src/domain/domain-name.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const page = readFileSync(new URL('../../doc/for-users.md', import.meta.url), 'utf8');
const [forProvider = '', ...forUsers] = page.split(/^## Text /m);
const inOneLine = (text: string): string => text.replace(/\s+/g, ' ');
const OUR_URL = /https:\/\/(?:autoconfig\.example\.com|proxy\.example\.net)\/[^\s`"]*/g;

describe('addresses in doc/for-users.md', () => {
  test('each is the page, with what it says', async (t) => {
    const publicHost = parseDomainName('proxy.example.net');
    const { daemon, raw } = await startTestDaemon(t, { rows: '', settings: { publicHost } });
    await daemon.initdb.seedSample();
    const get = (host: string, target: string): Promise<string> =>
      raw(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

    const urls = [...new Set([...page.matchAll(OUR_URL)].map(([url]) => url.replaceAll('&amp;', '&')))];
    assert.ok(urls.length >= 6);
    for (const url of urls) {
      const { host, pathname, search, searchParams } = new URL(url);
      const answer = await get(host, pathname + search);
      assert.match(answer, /^HTTP\/1\.1 200 .*<form /s, url);
      assert.match(answer, new RegExp(`<html lang="${searchParams.get('lang') ?? 'en'}"`), url);
      for (const value of ['emailaddress', 'name'].map((name) => searchParams.get(name)))
        assert.ok(value === null || answer.includes(`value="${value}"`), url);
    }

    const jane = await get('autoconfig.example.com', '/help?emailaddress=jane@example.com');
    const sections = [...forProvider.matchAll(/`#([a-z]+)`/g)].map(([, id = '']) => id);
    assert.ok(sections.length > 0);
    for (const id of sections) assert.match(jane, new RegExp(`<section id="${id}"`));
  });
});

/** All words of a language, with `address` where a visitor's stands. */
function wordsOf(texts: unknown, address: string): readonly string[] {
  if (typeof texts === 'string') return [texts];
  if (typeof texts === 'function') return wordsOf(texts(address), address);
  return Object.values(texts as object).flatMap((each) => wordsOf(each, address));
}

/** The items of each numbered list. */
const listsOf = (markdown: string): readonly (readonly string[])[] =>
  [...markdown.matchAll(/(?:^\d+\. .*\n)+/gm)].map(([list]) =>
    list
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\d+\. /, '')),
  );

const QUOTED: Readonly<Record<Language, RegExp>> = { en: /“([^”]+)”/g, de: /„([^“]+)“/g };

for (const [index, language] of LANGUAGES.entries()) {
  describe(`the text for users in doc/for-users.md, ${language}`, () => {
    const text = forUsers[index] ?? '';
    const texts = TEXTS[language];
    const { automatic, iphone, mac, profile, android, outlook, manual, support } = texts;
    const address = manual.wholeAddress;

    test('has the steps of the page, program by program', () => {
      const found = text
        .split(/^### /m)
        .slice(1)
        .map((section) => [/^.*/.exec(section)?.[0], listsOf(section)]);
      assert.deepEqual(found, [
        [automatic.heading, [automatic.steps(address)]],
        [iphone.heading, [iphone.steps]],
        [mac.heading, [mac.steps]],
        [android.heading, [android.steps(address), android.byCode.steps]],
        [outlook.heading, [outlook.classicSteps(address), outlook.othersSteps(address)]],
        [manual.heading, []],
        [support.heading, []],
      ]);
    });

    test('says what the page says beside them', () => {
      for (const sentence of [profile.unsigned, outlook.classic, outlook.others, outlook.othersNote, support.tell])
        assert.ok(inOneLine(text).includes(sentence), sentence);
    });

    test('quotes words of the page only', () => {
      const words = wordsOf(texts, address);
      const quoted = [...inOneLine(text).matchAll(QUOTED[language])].map(([, word = '']) => word);
      assert.ok(quoted.length > 10);
      const isOfPage = (word: string): boolean => words.some((each) => each.includes(word));
      assert.deepEqual(
        quoted.filter((word) => !isOfPage(word)),
        [],
      );
    });
  });
}
