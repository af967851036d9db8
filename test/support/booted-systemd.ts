import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './database-server.ts';
import { type Result, startProcess } from './process.ts';
import { type Cleanup, temporaryFolder } from './temporary-folder.ts';

/** Why no systemd can be booted here, or false; whether the kernel lets a container boot only the attempt shows. */
export const NO_CONTAINER: string | false =
  process.getuid?.() !== 0
    ? 'booting a container takes root'
    : findProgram('systemd-nspawn') === undefined && 'systemd-nspawn (Debian: systemd-container) is not installed';

/** Ends the boot, whatever came of the commands. */
const UNIT = `[Unit]
Description=Commands of a test
[Service]
Type=oneshot
ExecStart=/bin/sh /out/commands
ExecStopPost=/usr/bin/systemctl --no-block exit
`;

export interface BootOptions {
  /** Files for the folder /out, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Places outside, by the read-only place inside. */
  readonly binds: Readonly<Record<string, string>>;
  /** Shell commands, run as root one after the other; each by its name. */
  readonly commands: readonly (readonly [name: string, command: string])[];
}

/**
 * Boots systemd on this machine's own programs, in a container without network whose files are those of this machine; what
 * it changes is gone afterwards. Resolves with what came of each command, or with a text if it does not boot here.
 */
export async function runBooted(
  t: Cleanup,
  { files, binds, commands }: BootOptions,
): Promise<Map<string, Result> | string> {
  const folder = temporaryFolder(t);
  const [root, out] = [join(folder, 'root'), join(folder, 'out')];
  for (const path of [root, out]) mkdirSync(path);
  const unit = join(folder, 'commands.service');
  writeFileSync(unit, UNIT);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(out, name), text);
  const script = commands.map(
    ([name, command]) => `(\n${command}\n) >/out/${name}.out 2>/out/${name}.err; echo $? >/out/${name}.status\n`,
  );
  writeFileSync(join(out, 'commands'), script.join(''));
  const places = { '/usr/bin/node': process.execPath, ...binds, '/etc/systemd/system/commands.service': unit };
  const words = [
    ...['--quiet', '--register=no', '--keep-unit', '--private-network', '--machine=automx2-test'],
    ...['--volatile=overlay', `--directory=${root}`, `--bind=${out}:/out`],
    ...Object.entries(places).map(([inside, outside]) => `--bind-ro=${outside}:${inside}`),
    ...['--boot', '--', 'systemd.unit=commands.service'],
  ];
  // systemd-nspawn does not take "/" itself. The mount is seen by this process only, and goes with it.
  const wrap = ['unshare', '--mount', 'sh', '-c', 'mount --bind / "$0" && exec systemd-nspawn "$@"', root];
  const booted = await startProcess(t, [...wrap, ...words], { folder, environment: { PATH: process.env['PATH'] } })
    .ended;
  const [first] = commands[0] ?? [''];
  if (!existsSync(join(out, `${first}.out`))) return `systemd does not boot in a container here: ${booted.err}`;
  const read = (file: string): string => readFileSync(join(out, file), 'utf8');
  return new Map(
    commands.map(([name]) => [
      name,
      { status: Number(read(`${name}.status`)), out: read(`${name}.out`), err: read(`${name}.err`) },
    ]),
  );
}
