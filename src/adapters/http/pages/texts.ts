/** What to do, in order. */
type Steps = readonly [string, string, string, ...string[]];

/** Everything that the page says in one language. Names of menus are those of the programs in that language. */
export interface Texts {
  /** Of the language itself, for the link to the page in it. */
  readonly language: string;
  readonly title: (domain: string | undefined) => string;
  readonly form: {
    readonly address: string;
    readonly name: string;
    readonly show: string;
    readonly noPassword: string;
  };
  readonly problem: {
    readonly invalid: string;
    readonly unknown: (domain: string | undefined) => string;
    readonly unavailable: string;
  };
  /** In place of what needs an address. */
  readonly addressFirst: string;
  readonly contents: string;
  /** Above what the provider wants to be done first. */
  readonly before: { readonly heading: string };
  readonly automatic: {
    readonly heading: string;
    readonly steps: (address: string) => Steps;
    readonly programs: string;
  };
  readonly iphone: { readonly heading: string; readonly steps: Steps };
  /** A second profile for iPhone and iPad, where there is ActiveSync. */
  readonly exchange: {
    readonly heading: string;
    readonly what: string;
    /** Where there is the other profile, too. */
    readonly instead: string;
    readonly load: string;
  };
  readonly mac: { readonly heading: string; readonly steps: Steps };
  readonly profile: {
    readonly load: string;
    /** What the code leads to. */
    readonly code: string;
    readonly unsigned: string;
    /** No profile can be made of the domain's servers. */
    readonly none: string;
  };
  readonly android: {
    readonly heading: string;
    readonly steps: (address: string) => Steps;
    readonly byCode: { readonly heading: string; readonly steps: Steps; readonly code: string };
  };
  readonly outlook: {
    readonly heading: string;
    readonly classic: string;
    readonly classicSteps: (address: string) => Steps;
    readonly others: string;
    readonly othersSteps: (address: string) => Steps;
    readonly othersNote: string;
  };
  readonly manual: {
    readonly heading: string;
    readonly intro: string;
    readonly imap: string;
    readonly pop: string;
    /** Where there is IMAP, too. */
    readonly popInstead: string;
    readonly smtp: string;
    readonly activeSync: string;
    readonly jmap: string;
    readonly manageSieve: string;
    readonly server: string;
    readonly port: string;
    readonly encryption: string;
    readonly notEncrypted: string;
    readonly userName: string;
    readonly wholeAddress: string;
    readonly localPart: string;
    readonly login: string;
  };
  /** How one logs in, by what the server takes. */
  readonly login: {
    readonly password: string;
    readonly oauth2: string;
    readonly kerberos: string;
    readonly certificate: string;
    readonly nothing: string;
  };
  readonly dav: {
    readonly heading: string;
    /** Where there is one. */
    readonly withProfile: string;
    readonly intro: string;
    readonly calendar: string;
    readonly contacts: string;
    readonly url: string;
    readonly davx5: string;
  };
  readonly webmail: { readonly heading: string; readonly open: string };
  readonly support: {
    readonly heading: string;
    readonly ask: (provider: string) => string;
    /** Before an address, a telephone number or a URL. */
    readonly contact: string;
    readonly tell: string;
  };
}
