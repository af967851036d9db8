import { isSayable } from '../documents/write-row.ts';
import { FieldError } from '../fields.ts';
import { readServerRow } from '../read-rows.ts';
import { type Column, columnsOf, type Row, type Value } from '../tables.ts';

type ComparedTable = 'provider' | 'ldapserver' | 'server' | 'davserver';

/** A column whose value is to be another one. */
export interface Difference {
  readonly column: string;
  readonly from: Value;
  readonly to: Value;
  readonly isSecret: boolean;
}

/** What a row means, in a form that can be compared; undefined: it is unusable. */
function meaningOf(table: ComparedTable, row: Row): string | undefined {
  if (table === 'provider') return undefined;
  try {
    return JSON.stringify({ ...readServerRow(table, row), id: undefined });
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return undefined;
  }
}

/** As databases differ in it: 0 and 1 for booleans, blanks around texts, NULL for an empty one. */
function normal({ kind, isSecret, isNullable }: Column, value: Value): Value {
  if (kind === 'boolean') return value === true || value === 1;
  const text = typeof value === 'string' && isSecret !== true ? value.trim() : value;
  return text === '' && isNullable === true ? null : text;
}

/**
 * What has to change in a stored row for it to mean the same as the wanted one. Other words for the same are no difference:
 * the operator's own stay. A column that the wanted row lacks keeps its stored value.
 */
export function differences(table: ComparedTable, stored: Row, wanted: Row): readonly Difference[] {
  const meaning = meaningOf(table, stored);
  return Object.entries(columnsOf(table)).flatMap(([name, column]): readonly Difference[] => {
    if (column.kind === 'id' || !Object.hasOwn(wanted, name)) return [];
    const [given, to] = [stored[name] ?? null, wanted[name] ?? null];
    const isEqual = normal(column, given) === normal(column, to);
    const isSynonym = () =>
      meaning !== undefined &&
      table !== 'provider' &&
      isSayable(table, { ...wanted, [name]: given }) &&
      meaningOf(table, { ...stored, [name]: to }) === meaning;
    if (isEqual || isSynonym()) return [];
    return [{ column: name, from: given, to: normal(column, to), isSecret: column.isSecret === true }];
  });
}

const shown = (value: Value): string => (value === null || value === '' ? 'none' : String(value));

/** "port 143 -> 993"; a secret is not shown. */
export const inWords = ({ column, from, to, isSecret }: Difference): string =>
  isSecret ? `${column} changed` : `${column} ${shown(from)} -> ${shown(to)}`;
