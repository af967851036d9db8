import { LineLog, type LineLogOptions } from '../adapters/log/line-log.ts';
import { writesToJournal } from '../adapters/systemd/service-manager.ts';
import type { Clock } from '../ports/clock.ts';
import type { Settings } from './options.ts';

export const CLOCK: Clock = { now: () => new Date(), elapsedMs: () => performance.now() };

/** Level and format of the log: the journal gets its own format. */
export const logOptions = ({ logLevel, logFormat }: Settings): LineLogOptions => ({
  level: logLevel,
  format: logFormat === 'text' && writesToJournal(process.env) ? 'journal' : logFormat,
});

/** The log that the settings ask for. */
export const openLog = (settings: Settings, writeLine: (line: string) => void): LineLog =>
  new LineLog(logOptions(settings), writeLine, CLOCK.now);
