import { type Logger, pino } from 'pino';

/** For runs that nobody watches. */
export const silentLogger: Logger = pino({ level: 'silent' });
