import { execFileSync } from 'node:child_process';

/**
 * Prints what a release contains (CycloneDX): npm's list of the packages at run time, without what differs each time. With
 * an argument, the version of the Node.js that is shipped, too.
 */
interface Bom {
  serialNumber?: string;
  readonly metadata: { timestamp: string; readonly component: { name: string } };
  readonly components: object[];
}

const [node] = process.argv.slice(2);
const words = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only', '--omit=dev'];
const bom = JSON.parse(execFileSync('npm', words, { encoding: 'utf8' })) as Bom;
delete bom.serialNumber;
bom.metadata.timestamp = new Date(Number(process.env['SOURCE_DATE_EPOCH']) * 1000).toISOString();
bom.metadata.component.name = 'automx2'; // npm has the folder's.
if (node !== undefined) {
  const ref = {
    'bom-ref': `node@${node}`,
    purl: `pkg:npm/node@${node}`,
    cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
  };
  bom.components.push({ ...ref, type: 'application', name: 'node', version: node });
}
process.stdout.write(`${JSON.stringify(bom, null, 2)}\n`);
