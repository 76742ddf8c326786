/** What the command's exit code means. They are part of the interface: scripts rely on them. */
export const exitCodes = {
  /** Every combination is delivered. */
  delivered: 0,
  /** Some combinations failed, or the work could not be carried to its end. */
  failed: 1,
  /** Wrong usage, a wrong batch file, or something missing that has to be there first. Nothing was started. */
  usage: 2,
  /** Ended by Ctrl-C: 128 + SIGINT, as shells expect. */
  interrupted: 130,
} as const;
