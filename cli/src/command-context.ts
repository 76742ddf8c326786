import type { CliConfig } from "./config.js";
import type { Terminal } from "./terminal/terminal.js";

/** What every command works with. */
export interface CommandContext {
  config: CliConfig;
  terminal: Terminal;
  /** Says the exit code; 0 where nothing is said. */
  exit(code: number): void;
}
