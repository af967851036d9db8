import { type Daemon, startDaemon } from './daemon.ts';
import { readSettings, type Settings } from './options.ts';

// `npm run demo`: the daemon with sample data in memory, and requests to try.
const settings: Settings = { ...readSettings(), logLevel: 'INFO' };
let isReady = false;
/** Logs requests only: lines of the start would push the examples off the terminal. */
const writeLine = (line: string): void => {
  if (isReady) process.stderr.write(line);
};

/** Listens on the usual port, or on a free one if another program, such as the old automx2, has it. */
async function start(): Promise<Daemon> {
  try {
    return await startDaemon(settings, { writeLine });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startDaemon({ ...settings, listen: [{ host: '127.0.0.1', port: 0 }] }, { writeLine });
  }
}

const daemon = await start();
await daemon.initdb.seedSample();
isReady = true;

const [at] = daemon.addresses;
const base = `http://${at?.address}:${at?.port}`;
const schemas = 'http://schemas.microsoft.com/exchange/autodiscover/outlook';
process.stdout.write(`
Serving sample data on ${base} until Ctrl-C. Paste one of these into another terminal:

# Thunderbird and others: Mozilla Autoconfig
curl '${base}/mail/config-v1.1.xml?emailaddress=jane@example.com'

# Outlook: Microsoft Autodiscover
curl '${base}/autodiscover/autodiscover.xml' -H 'Content-Type: text/xml' -d '
<Autodiscover xmlns="${schemas}/requestschema/2006"><Request>
<EMailAddress>jane@example.com</EMailAddress>
<AcceptableResponseSchema>${schemas}/responseschema/2006a</AcceptableResponseSchema>
</Request></Autodiscover>'

# Himalaya, Evolution: PACC, for the domain in the host name
curl -H 'Host: ua-auto-config.example.com' '${base}/.well-known/user-agent-configuration.json'

# iPhone, iPad, Mac: Apple configuration profile
curl '${base}/mobileconfig/?emailaddress=jane@example.com&name=Jane%20Doe'

Or open the page for people in a browser:
${base}/?emailaddress=jane@example.com

`);
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => void daemon.stop());
