import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';

/** automx2's tables, as this program creates them. */
export const TABLES = [
  ...['provider', 'server', 'davserver', 'ldapserver', 'domain', 'server_domain', 'davserver_domain'],
  'automx2_extra', // ours
];
/** The indexes that it adds. */
export const INDEXES = [
  'automx2_domain_name',
  'automx2_server_domain',
  'automx2_davserver_domain',
  'automx2_domain_provider',
];

/** A database of automx2 as SQL: a layout's revision, `create-all` for one without, or `foreign` for other tables. */
export const layoutSql = (layout: string): string =>
  layout === 'foreign'
    ? 'CREATE TABLE domain (domain TEXT)'
    : readFileSync(new URL(`../testdata/legacy/${layout}.sql`, import.meta.url), 'utf8');

/** Runs statements on an SQLite file, which is made if it is missing. */
export function execute(file: string, sql: string): void {
  const database = new Database(file);
  database.pragma('foreign_keys = OFF'); // automx2 never switches them on, so its databases may hold orphans
  database.pragma('synchronous = OFF'); // a thousand rows would wait for the disk a thousand times
  database.exec(sql);
  database.close();
}

/** The rows of each table of an SQLite file, and how it was created. */
export function contents(file: string) {
  const database = new Database(file, { readonly: true });
  const made = database
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name",
    )
    .all();
  const rows = Object.fromEntries(
    made.map(({ name }) => {
      const order = name.endsWith('_domain') ? '1, 2' : '1';
      return [name, database.prepare<[], unknown[]>(`SELECT * FROM ${name} ORDER BY ${order}`).raw().all()];
    }),
  );
  database.close();
  return { made, rows };
}

/** How many rows all tables have together. */
export const rowCount = (file: string): number => Object.values(contents(file).rows).flat().length;
