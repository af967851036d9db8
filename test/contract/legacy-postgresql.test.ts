import { postgresql } from '../support/server-database.ts';
import { legacyOnServers } from './legacy-databases.ts';

legacyOnServers({ postgresql: [await postgresql()], mysqlLike: [] });
