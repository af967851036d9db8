/** Reads decimal digits, without sign or blanks, as a number from `least` to `most`; undefined for any other text. */
export function parseWholeNumber(text: string, least: number, most: number): number | undefined {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}
