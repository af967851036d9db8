import { mysqlIfGiven } from '../support/server-database.ts';
import { mysqlLikeTroubles } from './mysql-like.ts';

for (const server of await mysqlIfGiven()) mysqlLikeTroubles(server);
