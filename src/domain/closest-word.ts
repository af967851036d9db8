/** Single-character changes that make one word of the other (Levenshtein distance). */
function distance(a: string, b: string): number {
  let row = [...Array(b.length + 1).keys()];
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (character === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The word of some that was probably meant; `words` must not be empty. A long `word` is compared by its beginning. */
export function closestWord(word: string, words: readonly string[]): string {
  const start = word.slice(0, 100);
  return words.reduce((best, each) => (distance(start, each) < distance(start, best) ? each : best));
}
