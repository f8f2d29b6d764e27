/** What `daruma` exits with. A second signal n adds 128: Ctrl-C twice is 130. */
export const exitCodes = {
  clean: 0,
  startFailed: 1,
  usage: 2,
  escalated: 3,
  unstopped: 4,
  violations: 5,
} as const;

export const exitCodeHelp = `Exit codes:
  0      stopped cleanly
  1      a first start failed or took too long, the last child to end had failed, or an error
         belonged to nobody
  2      wrong usage, or a definition or configuration with faults; nothing was started
  3      the root gave up: its restarts ran out
  4      stopped, but something did not stop within its limit
  5      a check found violations, or a replayed failure is still there
  128+n  left at once after a second signal (Ctrl-C twice: 130)`;
