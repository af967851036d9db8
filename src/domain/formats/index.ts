import { ACTIVESYNC } from './activesync.ts';
import { AUTOCONFIG } from './autoconfig.ts';
import { AUTODISCOVER } from './autodiscover.ts';
import type { Format } from './format.ts';
import { MOBILECONFIG } from './mobileconfig.ts';
import { MOBILECONFIG_EXCHANGE } from './mobileconfig-exchange.ts';
import { PACC } from './pacc.ts';
import { THUNDERBIRD_QR } from './thunderbird-qr.ts';

/** Every format, in the order in which `automx2 lookup` prints them. */
export const FORMATS: readonly Format[] = [
  AUTOCONFIG,
  AUTODISCOVER,
  ACTIVESYNC,
  MOBILECONFIG,
  MOBILECONFIG_EXCHANGE,
  PACC,
  THUNDERBIRD_QR,
];
