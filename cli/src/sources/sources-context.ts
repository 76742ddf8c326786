import type { Connection } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import type { Terminal } from "../terminal/terminal.js";
import type { SourcesFlags } from "./register-sources.js";

/** Context of every action of `polyreel sources`. */
export interface SourcesContext {
  readonly connection: Connection;
  readonly terminal: Terminal;
  readonly flags: SourcesFlags;
  readonly signal: AbortSignal;
}

/** An error of wrong usage. */
export const usage = (what: string, remedy: string): ProblemsError =>
  new ProblemsError([{ what, remedy }], exitCodes.usage);
