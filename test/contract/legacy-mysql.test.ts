import { mysqlIfGiven } from '../support/server-database.ts';
import { legacyOnServers } from './legacy-databases.ts';

legacyOnServers({ postgresql: [], mysqlLike: await mysqlIfGiven() });
