import type { Command } from "commander";
import type { CliConfig } from "../config.js";
import { withFilter } from "./filter.js";

/**
 * Adds the arguments and flags of commands that rework combinations; `which` describes the default selection for the
 * help.
 */
export function withRework(command: Command, config: CliConfig, which: string): Command {
  command
    .argument("<batchId>", "as submit printed it")
    .argument("[combinationId...]", `only these; ${which} where left out`)
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl);
  return withFilter(command)
    .option("-w, --watch", "stay until it has ended")
    .option("--request-id <id>", "the same id again does nothing more (a new one each time)")
    .option("--json", "print one JSON object")
    .option("-q, --quiet", "show no progress");
}
