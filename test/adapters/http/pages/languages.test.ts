import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { preferredLanguage, readLanguage } from '../../../../src/adapters/http/pages/languages.ts';

describe('Accept-Language', () => {
  for (const { header, want } of [
    { header: '', want: 'en' },
    { header: 'de', want: 'de' },
    { header: 'DE', want: 'de' },
    { header: 'de-AT', want: 'de' },
    { header: 'de-Latn-DE-1996', want: 'de' },
    { header: 'fr', want: 'en' },
    { header: 'den', want: 'en' },
    { header: 'deutsch', want: 'en' },
    { header: '*', want: 'en' },
    { header: '*, de', want: 'en' },
    { header: 'de, *', want: 'de' },
    { header: 'fr, de;q=0.1', want: 'de' },
    { header: 'en, de', want: 'en' },
    { header: 'de, en', want: 'de' },
    { header: 'en;q=0.8, de', want: 'de' },
    { header: 'en;q=0.8,de;q=0.9', want: 'de' },
    { header: 'en;q=0.80,de;q=0.801', want: 'de' },
    { header: 'fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5', want: 'en' },
    { header: 'de;q=1.000, en;q=0.999', want: 'de' },
    { header: 'de;q=1., en;q=0.9', want: 'de' },
    { header: 'de;q=0', want: 'en' },
    { header: 'de;q=0.000, fr', want: 'en' },
    { header: 'de;q=0., en;q=0.001', want: 'en' },
    { header: ' de ; q=0.5 , en ; q=0.4 ', want: 'de' },
    { header: 'DE;Q=0.5', want: 'de' },
    { header: ',,, de,', want: 'de' },
    // No weight: nothing is known of how much it is wanted.
    { header: 'de;q=2, en;q=0.1', want: 'en' },
    { header: 'de;q=, en;q=0.1', want: 'en' },
    { header: 'de;q=-1', want: 'en' },
    { header: 'de;q=NaN', want: 'en' },
    { header: 'de;q=0.1234', want: 'en' },
    { header: 'de;level=1', want: 'en' },
    { header: '__proto__, constructor', want: 'en' },
    { header: '\xff\x00;;;===', want: 'en' },
    // Up to the bounds, and beyond.
    { header: `${'fr,'.repeat(19)}de`, want: 'de' },
    { header: `${'fr,'.repeat(20)}de`, want: 'en' },
    { header: `de,${'x'.repeat(1_021)}`, want: 'de' },
    { header: `de,${'x'.repeat(1_022)}`, want: 'en' },
  ]) {
    test(JSON.stringify(header.slice(0, 60)), () => assert.equal(preferredLanguage(header), want));
  }
});

describe('lang', () => {
  for (const { word, want } of [
    ...['de', 'DE', 'de-AT', 'de-'].map((word) => ({ word, want: 'de' })),
    ...['en', 'en-gb'].map((word) => ({ word, want: 'en' })),
    ...['', 'd', 'den', 'de_AT', ' de', '*', 'fr', '__proto__', '0'].map((word) => ({ word, want: undefined })),
  ]) {
    test(JSON.stringify(word), () => assert.equal(readLanguage(word), want));
  }
});
