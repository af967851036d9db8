import { FieldError, type Fields } from './fields.ts';
import { columnsOf, type TableName } from './tables.ts';

/** A stored text is unusable if it is so many times as long as its column's width: not every database minds the width. */
export const MAX_WIDTHS = 2;

/** What a statement returns in place of a text that is far too long to be read. */
export const OVERLONG = '(too long)';

// Databases keep less order than we do: what has another type than its column counts as empty.

export const verbatim = (row: Fields, column: string): string => {
  const value = row[column];
  return typeof value === 'string' ? value : '';
};
/** Without the blanks around it, which forms and statements leave there. */
export const text = (row: Fields, column: string): string => verbatim(row, column).trim();
export const integer = (row: Fields, column: string): number | undefined => {
  const value = row[column];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
};
/** SQLite and MySQL keep booleans as numbers. */
export const boolean = (row: Fields, column: string): boolean => row[column] === true || row[column] === 1;

/** Throws FieldError for a text that is far too long. */
export function assertWidths(table: TableName, row: Fields): void {
  for (const [name, column] of Object.entries(columnsOf(table))) {
    if (column.kind !== 'text' && column.kind !== 'word') continue;
    const [value, most] = [verbatim(row, name), MAX_WIDTHS * column.width];
    if (value === OVERLONG || value.length > most) throw new FieldError(name, `must be at most ${most} characters`);
  }
}
