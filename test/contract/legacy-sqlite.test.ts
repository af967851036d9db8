import { legacyOnSqlite } from './legacy-databases.ts';

legacyOnSqlite();
