import type { Texts } from './texts.ts';

export const GERMAN: Texts = {
  language: 'Deutsch',
  title: (domain) => (domain === undefined ? 'E-Mail einrichten' : `E-Mail für ${domain} einrichten`),
  form: {
    address: 'Ihre E-Mail-Adresse',
    name: 'Ihr Name, wie andere ihn sehen (freiwillig)',
    show: 'Meine Einstellungen anzeigen',
    noPassword: 'Diese Seite fragt nie nach Ihrem Passwort. Geben Sie es nur in Ihrem Mailprogramm ein.',
  },
  problem: {
    invalid: 'Das ist keine gültige E-Mail-Adresse. Sie sieht aus wie name@example.com.',
    unknown: (domain) =>
      domain === undefined
        ? 'Dieser Server hat keine Einstellungen für diese Adresse. Prüfen Sie die Adresse oder fragen Sie Ihren Anbieter.'
        : `Dieser Server hat keine Einstellungen für ${domain}. Prüfen Sie die Adresse oder fragen Sie Ihren Anbieter.`,
    unavailable:
      'Die Einstellungen lassen sich gerade nicht lesen. Bitte versuchen Sie es in einigen Minuten noch einmal.',
  },
  addressFirst: 'Geben Sie oben Ihre Adresse ein; dann erscheint hier, was Sie brauchen.',
  contents: 'Wählen Sie Ihr Gerät oder Programm',
  before: { heading: 'Bevor Sie beginnen' },
  automatic: {
    heading: 'Thunderbird und andere Programme',
    steps: (address) => [
      'Öffnen Sie das Programm und fügen Sie ein E-Mail-Konto hinzu.',
      `Geben Sie Ihren Namen und ${address} ein.`,
      'Geben Sie Ihr E-Mail-Passwort ein. Den Rest findet das Programm selbst.',
    ],
    programs:
      'So geht es mit Thunderbird, Evolution, GNOME, KMail, Geary, eM Client, FairEmail und Delta Chat. Fragt ein Programm nach Servern, geben Sie die Werte weiter unten ein.',
  },
  iphone: {
    heading: 'iPhone und iPad',
    steps: [
      'Öffnen Sie diese Seite in Safari. Tippen Sie auf „Profil laden“ und dann auf „Zulassen“.',
      'Öffnen Sie die App „Einstellungen“ und tippen Sie oben auf „Profil geladen“. Das Gerät behält das Profil 8 Minuten lang.',
      'Tippen Sie oben rechts auf „Installieren“ und geben Sie den Code des Geräts ein. Tippen Sie noch einmal auf „Installieren“, wenn es danach fragt.',
      'Geben Sie Ihr E-Mail-Passwort ein, wenn das Gerät danach fragt. Ihre E-Mails sind dann in der App „Mail“.',
    ],
  },
  exchange: {
    heading: 'Oder ein Exchange-Account',
    what: 'Er bringt E-Mails, Kalender und Kontakte in einem Account.',
    instead:
      'Laden Sie dieses Profil anstelle des Profils oben, nicht zusätzlich, sonst kommen alle E-Mails doppelt an. Die Schritte sind dieselben.',
    load: 'Exchange-Profil laden',
  },
  mac: {
    heading: 'Mac',
    steps: [
      'Klicken Sie auf „Profil laden“ und öffnen Sie die Datei im Ordner „Downloads“.',
      'Öffnen Sie Systemeinstellungen > Allgemein > Geräteverwaltung. In älteren Versionen: Datenschutz & Sicherheit > Profile.',
      'Doppelklicken Sie auf das Profil, klicken Sie auf „Installieren“ und geben Sie Ihr E-Mail-Passwort ein.',
    ],
  },
  profile: {
    load: 'Profil laden',
    code: 'Nicht auf dem iPhone oder iPad? Richten Sie seine Kamera auf diesen Code.',
    unsigned: 'Das Gerät nennt das Profil „Nicht signiert“. Das ist hier zu erwarten.',
    none: 'Für diese Server gibt es kein Profil. Geben Sie die Werte weiter unten ein: Mail > Account hinzufügen > Andere.',
  },
  android: {
    heading: 'Android',
    steps: (address) => [
      'Installieren Sie Thunderbird aus Google Play oder F-Droid und öffnen Sie es.',
      `Geben Sie ${address} ein.`,
      'Geben Sie Ihr E-Mail-Passwort ein. Den Rest findet Thunderbird selbst.',
    ],
    byCode: {
      heading: 'Oder die Einstellungen scannen',
      steps: [
        'In Thunderbird auf dem Telefon: „Einstellungen importieren“; wenn es schon ein Konto hat: Einstellungen > Einstellungen importieren.',
        'Tippen Sie auf „QR-Code scannen“ und scannen Sie diesen Code. Die Kamera-App versteht ihn nicht.',
        'Geben Sie Ihr E-Mail-Passwort ein.',
      ],
      code: 'Einstellungen für Thunderbird für Android, ohne Passwort',
    },
  },
  outlook: {
    heading: 'Outlook',
    classic: 'Klassisches Outlook für Windows',
    classicSteps: (address) => [
      'Öffnen Sie Datei > Konto hinzufügen.',
      `Geben Sie ${address} ein und klicken Sie auf „Verbinden“.`,
      'Geben Sie Ihr E-Mail-Passwort ein. Den Rest findet Outlook selbst.',
    ],
    others: 'Neues Outlook und Outlook für Mac, iPhone und Android',
    othersSteps: (address) => [
      `Fügen Sie ein Konto hinzu und geben Sie ${address} ein.`,
      'Wenn nichts gefunden wird: Wählen Sie IMAP und geben Sie die Werte weiter unten ein.',
      'Geben Sie Ihr E-Mail-Passwort ein.',
    ],
    othersNote:
      'Diese Programme fragen Microsofts Server nach Einstellungen und geben diesen womöglich Ihre E-Mails und Ihr Passwort weiter.',
  },
  manual: {
    heading: 'Von Hand einrichten',
    intro: 'Ein Klick oder Tippen auf einen Wert wählt ihn aus.',
    imap: 'Posteingang (IMAP)',
    pop: 'Posteingang (POP3)',
    popInstead: 'Posteingang über POP3, nur wenn Sie IMAP nicht wollen',
    smtp: 'Postausgang (SMTP)',
    activeSync: 'Exchange-Konto (ActiveSync)',
    jmap: 'E-Mails über JMAP',
    manageSieve: 'Filter (ManageSieve)',
    server: 'Server',
    port: 'Port',
    encryption: 'Verschlüsselung',
    notEncrypted: 'Keine',
    userName: 'Benutzername',
    wholeAddress: 'Ihre ganze E-Mail-Adresse',
    localPart: 'Ihre Adresse bis zum @',
    login: 'Passwort',
  },
  login: {
    password: 'das Passwort Ihres Postfachs',
    oauth2: 'keines: Das Programm öffnet die Anmeldeseite Ihres Anbieters (OAuth2)',
    kerberos: 'keines: Ihre Anmeldung im Netz genügt (Kerberos)',
    certificate: 'keines: Ein Zertifikat auf Ihrem Gerät genügt',
    nothing: 'keines',
  },
  dav: {
    heading: 'Kalender und Kontakte',
    withProfile: 'iPhone, iPad und Mac erhalten sie mit dem Profil.',
    intro: 'Programme für Kalender und Kontakte brauchen diese Werte.',
    calendar: 'Kalender (CalDAV)',
    contacts: 'Kontakte (CardDAV)',
    url: 'Adresse',
    davx5: 'In DAVx⁵ auf Android öffnen',
  },
  webmail: { heading: 'E-Mails im Browser', open: 'Webmail öffnen' },
  support: {
    heading: 'Wenn etwas nicht klappt',
    ask: (provider) => `Fragen Sie Ihren E-Mail-Anbieter (${provider}).`,
    contact: 'Support:',
    tell: 'Sagen Sie, welches Programm Sie verwenden und was es anzeigt. Für Hilfe braucht niemand Ihr Passwort.',
  },
};
