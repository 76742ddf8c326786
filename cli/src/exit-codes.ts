/** Exit codes. They are part of the interface: scripts rely on them. */
export const exitCodes = {
  /** Every combination was delivered. */
  delivered: 0,
  /** Some combinations failed, or would fail, or the work could not be finished. */
  failed: 1,
  /** Wrong usage, an invalid batch file, or a missing prerequisite. Nothing was started. */
  usage: 2,
  /** Ended by Ctrl-C: 128 + SIGINT, as shells expect. */
  interrupted: 130,
} as const;
