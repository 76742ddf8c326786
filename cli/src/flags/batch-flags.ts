import { type Command, InvalidArgumentError } from "commander";
import type { CliConfig } from "../config.js";

// Flags shared by the commands that take a batch file.

export const withBatchFile = (command: Command): Command => command.argument("<batch.yaml>", "the batch file");

export const withStore = (command: Command, config: CliConfig): Command =>
  command.option("--store <folder>", "where sources and parts are kept; or s3://bucket/prefix", config.store);

export const withSample = (command: Command): Command =>
  command.option("--sample <count>", "only so many of its combinations, every choice about equally often", parseCount);

/** Flags of commands that make nothing: they ask a server, or read the local store. */
export const withServerOrStore = (command: Command, config: CliConfig): Command =>
  withStore(command.option("-s, --server <url>", "by what a server has; by what is here where left out"), config);

/** Parses a whole number >= 1. */
function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("Give a whole number, 1 or more.");
}
