import { mariadb } from '../support/server-database.ts';
import { mysqlLikeTroubles } from './mysql-like.ts';

mysqlLikeTroubles(await mariadb());
