import { plain, readPlist } from '../domain/formats/read-plist.ts';
import { addressOf, giveUp, type ServerSetup, type Setup, type User } from './mail-client.ts';
import type { Answer } from './replay.ts';

/** A part of a profile. */
export type Payload = Readonly<Record<string, unknown>>;

/** The parts of a profile. */
export const payloads = ({ body }: Answer): readonly Payload[] =>
  (plain(readPlist(body)) as unknown as { PayloadContent: readonly Payload[] }).PayloadContent;

/** Installs a profile: Safari checks the content type, and the device reads the mail payload without asking a server. */
export function installProfile(answer: Answer, user: User): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  if (answer.headers.get('content-type') !== 'application/x-apple-aspen-config') giveUp('no profile');
  if (!/^attachment; filename="[a-z0-9.-]+\.mobileconfig"$/.test(answer.headers.get('content-disposition') ?? '')) {
    giveUp('a download that macOS does not open');
  }
  const mail =
    payloads(answer).find(({ PayloadType }) => PayloadType === 'com.apple.mail.managed') ?? giveUp('no mail');
  if (mail['EmailAddress'] !== addressOf(user)) giveUp('another address');
  const server = (type: ServerSetup['type'], prefix: 'Incoming' | 'Outgoing'): ServerSetup => {
    const key = (name: string): unknown => mail[`${prefix}MailServer${name}`];
    if (key('Authentication') !== 'EmailAuthPassword') giveUp('another way to authenticate');
    return {
      type,
      hostname: String(key('HostName')),
      port: Number(key('PortNumber')),
      // With UseSSL the device detects TLS or STARTTLS itself.
      security: key('UseSSL') === true ? 'by trial' : 'plain',
      login: String(key('Username')),
    };
  };
  return {
    incoming: server(mail['EmailAccountType'] === 'EmailTypePOP' ? 'pop' : 'imap', 'Incoming'),
    outgoing: server('smtp', 'Outgoing'),
  };
}
