import { DarumaError } from '../../errors.ts';

export function historyIsOffError(path: string): DarumaError {
  return new DarumaError('DARUMA_HISTORY_OFF', `${path} keeps no history.`, {
    path,
    hint: 'createSystem(app, { history: true }) keeps what happens, where everything else is stored.',
  });
}
