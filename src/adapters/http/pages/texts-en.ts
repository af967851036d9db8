import type { Texts } from './texts.ts';

export const ENGLISH: Texts = {
  language: 'English',
  title: (domain) => (domain === undefined ? 'Set up your mail' : `Set up mail for ${domain}`),
  form: {
    address: 'Your mail address',
    name: 'Your name, as others see it (optional)',
    show: 'Show my settings',
    noPassword: 'This page never asks for your password. Type it only into your mail program.',
  },
  problem: {
    invalid: 'This is not a valid mail address. It looks like name@example.com.',
    unknown: (domain) =>
      domain === undefined
        ? 'This server has no settings for this address. Check the address, or ask your provider.'
        : `This server has no settings for ${domain}. Check the address, or ask your provider.`,
    unavailable: 'The settings cannot be read at the moment. Please try again in a few minutes.',
  },
  addressFirst: 'Type your address at the top of this page; what you need then appears here.',
  contents: 'Choose your device or program',
  before: { heading: 'Before you start' },
  automatic: {
    heading: 'Thunderbird and other programs',
    steps: (address) => [
      'Open the program and add a mail account.',
      `Enter your name and ${address}.`,
      'Enter your mail password. The program finds the rest by itself.',
    ],
    programs:
      'Thunderbird, Evolution, GNOME, KMail, Geary, eM Client, FairEmail and Delta Chat work this way. If a program asks for servers, type the values below.',
  },
  iphone: {
    heading: 'iPhone and iPad',
    steps: [
      'Open this page in Safari, tap “Download profile”, and then “Allow”.',
      'Open the app Settings, and tap “Profile Downloaded” near the top. The device keeps the profile for 8 minutes.',
      'Tap “Install” at the top right, and enter the passcode of the device. Tap “Install” again when it asks.',
      'Enter your mail password when the device asks for it. Your mail is then in the app Mail.',
    ],
  },
  exchange: {
    heading: 'Or an Exchange account',
    what: 'It brings mail, calendars and contacts in one account.',
    instead:
      'Load this profile instead of the one above, not beside it, or all your mail arrives twice. The steps are the same.',
    load: 'Download Exchange profile',
  },
  mac: {
    heading: 'Mac',
    steps: [
      'Click “Download profile”, and open the file in the folder Downloads.',
      'Open System Settings > General > Device Management. In older versions: Privacy & Security > Profiles.',
      'Double-click the profile, click “Install”, and enter your mail password.',
    ],
  },
  profile: {
    load: 'Download profile',
    code: 'Not on the iPhone or iPad? Point its camera at this code.',
    unsigned: 'The device calls the profile “Not Signed”. That is expected here.',
    none: 'There is no profile for these servers. Type the values below: Mail > Add Account > Other.',
  },
  android: {
    heading: 'Android',
    steps: (address) => [
      'Install Thunderbird from Google Play or F-Droid, and open it.',
      `Enter ${address}.`,
      'Enter your mail password. Thunderbird finds the rest by itself.',
    ],
    byCode: {
      heading: 'Or scan the settings',
      steps: [
        'In Thunderbird on the phone: “Import settings”; if it has an account already: Settings > Import settings.',
        'Tap “Scan QR code”, and scan this code. The camera app does not understand it.',
        'Enter your mail password.',
      ],
      code: 'Settings for Thunderbird for Android, without the password',
    },
  },
  outlook: {
    heading: 'Outlook',
    classic: 'Classic Outlook for Windows',
    classicSteps: (address) => [
      'Open File > Add Account.',
      `Enter ${address}, and click “Connect”.`,
      'Enter your mail password. Outlook finds the rest by itself.',
    ],
    others: 'New Outlook, and Outlook for Mac, iPhone and Android',
    othersSteps: (address) => [
      `Add an account and enter ${address}.`,
      'If nothing is found: choose IMAP, and type the values below.',
      'Enter your mail password.',
    ],
    othersNote:
      'These programs ask Microsoft’s servers for settings, and may pass your mail and your password to them.',
  },
  manual: {
    heading: 'Set up by hand',
    intro: 'A click or tap on a value selects it.',
    imap: 'Incoming mail (IMAP)',
    pop: 'Incoming mail (POP3)',
    popInstead: 'Incoming mail by POP3, only if you do not want IMAP',
    smtp: 'Outgoing mail (SMTP)',
    activeSync: 'Exchange account (ActiveSync)',
    jmap: 'Mail by JMAP',
    manageSieve: 'Mail filters (ManageSieve)',
    server: 'Server',
    port: 'Port',
    encryption: 'Encryption',
    notEncrypted: 'None',
    userName: 'User name',
    wholeAddress: 'your whole mail address',
    localPart: 'your address up to the @',
    login: 'Password',
  },
  login: {
    password: 'the password of your mailbox',
    oauth2: 'none: the program opens your provider’s sign-in page (OAuth2)',
    kerberos: 'none: your sign-in to the network counts (Kerberos)',
    certificate: 'none: a certificate on your device counts',
    nothing: 'none',
  },
  dav: {
    heading: 'Calendars and contacts',
    withProfile: 'An iPhone, iPad or Mac gets them with the profile.',
    intro: 'Programs for calendars and contacts need these values.',
    calendar: 'Calendars (CalDAV)',
    contacts: 'Contacts (CardDAV)',
    url: 'Address',
    davx5: 'Open in DAVx⁵ on Android',
  },
  webmail: { heading: 'Mail in the browser', open: 'Open webmail' },
  support: {
    heading: 'If something does not work',
    ask: (provider) => `Ask your mail provider (${provider}).`,
    contact: 'Support:',
    tell: 'Say which program you use and what it shows. Nobody needs your password to help you.',
  },
};
