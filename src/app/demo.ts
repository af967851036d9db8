import { startDaemon } from './daemon.ts';
import { readSettings } from './settings.ts';

// `npm run demo`: the daemon with sample data in memory, and requests to try.
const daemon = await startDaemon(
  { ...readSettings(undefined), logLevel: 'INFO' },
  { writeLine: (line) => void process.stderr.write(line) },
);
await daemon.preparation.seedSample();

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

# iPhone, iPad, Mac: Apple configuration profile
curl '${base}/mobileconfig/?emailaddress=jane@example.com&name=Jane%20Doe'

`);
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => void daemon.stop());
