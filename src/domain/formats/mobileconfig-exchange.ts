import { addressText } from '../email-address.ts';
import { Failure } from '../failure.ts';
import { extraRow, mainServer } from '../mail-domain.ts';
import { activeSyncHost, activeSyncUrl } from './activesync.ts';
import { rowsAtFault } from './client-rule.ts';
import type { Format } from './format.ts';
import { PROFILE, writeProfile } from './profile.ts';

/**
 * The Apple configuration profile of an account with Exchange ActiveSync (Apple device management: com.apple.eas.account):
 * mail, calendars and contacts in one. It does not replace the account of MOBILECONFIG. Throws
 * domain_unusable if a profile cannot express the URL, and protocol_unconfigured if there is none.
 */
export const MOBILECONFIG_EXCHANGE: Format = {
  ...PROFILE,
  name: 'mobileconfig-exchange',
  isOffered: (domain) => activeSyncUrl(domain) !== undefined,
  write(user) {
    const { name } = user.domain;
    const url = activeSyncUrl(user.domain);
    if (url === undefined) throw new Failure('protocol_unconfigured', `${name}: no URL of ActiveSync is configured`);
    const host = activeSyncHost(url);
    if (host === undefined) {
      throw new Failure('domain_unusable', `${name}: a profile cannot name the port or path of the URL of ActiveSync`);
    }
    const text = addressText(user.address);
    return writeProfile(user, {
      suffix: '.exchange',
      displayName: `${name} Exchange account`,
      payloads: (commonKeys) => [
        {
          ...commonKeys('com.apple.eas.account', '.eas'),
          EmailAddress: text,
          Host: host,
          // By default it is false.
          SSL: true,
          UserName: mainServer(user.mailServers)?.loginName ?? text,
        },
      ],
    });
  },
  rules: [
    {
      clients: 'iPhone and iPad, by the profile of an Exchange account',
      reason:
        'there is no profile: it names only the host of ActiveSync, and the device takes port 443 and the path ' +
        '/Microsoft-Server-ActiveSync',
      remedy: 'let the server answer there, too, and set url of activesync to that',
      broken: (domain) => {
        const url = activeSyncUrl(domain);
        return rowsAtFault(url !== undefined && activeSyncHost(url) === undefined ? [extraRow('activesync')] : []);
      },
    },
  ],
};
