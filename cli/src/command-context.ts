import type { CliConfig } from "./config.js";
import type { Terminal } from "./terminal/terminal.js";

/** What every command receives. */
export interface CommandContext {
  config: CliConfig;
  terminal: Terminal;
  /** Sets the exit code; 0 if never called. */
  exit(code: number): void;
}
