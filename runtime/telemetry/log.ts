/**
 * `createLog(name)`: JSON lines on stdout, one object per line, level by LOG_LEVEL (default info). On a terminal the lines are
 * made for people, unless LOG_FORMAT=json. Everything passes the redaction before it is formatted.
 */
import type { Writable } from 'node:stream';
import { createLogger, format, type Logger, transports } from 'winston';
import { redact } from './redact.ts';

export type Log = Logger;

export interface LogOptions {
  /** Default: stdout. For tests. */
  stream?: Writable;
}

export function createLog(name: string, options: LogOptions = {}): Log {
  const pretty = !options.stream && process.stdout.isTTY && process.env.LOG_FORMAT !== 'json';
  return createLogger({
    level: process.env.LOG_LEVEL ?? 'info',
    defaultMeta: { logger: name },
    format: format.combine(redaction(), format.timestamp(), pretty ? forPeople : format.json()),
    transports: [options.stream ? new transports.Stream({ stream: options.stream }) : new transports.Console()],
  });
}

/** Works in place on the top level, because winston keeps its own symbols there. */
const redaction = format((info) => {
  for (const [key, value] of Object.entries(info)) info[key] = redact(value, key);
  return info;
});

const forPeople = format.printf(({ timestamp, level, logger, message, stack, ...rest }) => {
  const time = String(timestamp).slice(11, 23);
  const details = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : '';
  return `${time} ${level.padEnd(5)} ${logger}: ${message}${details}${stack ? `\n${stack}` : ''}`;
});
