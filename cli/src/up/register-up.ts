import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.js";
import { DEFAULT_PORT } from "../config.js";
import { withStore } from "../flags/batch-flags.js";

interface UpFlags {
  port: number;
  host: string;
  out: string;
  store: string;
  state: string;
  browser: boolean;
}

export function registerUp(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program
    .command("up")
    .description("run the whole of Polyreel on this machine, with its API and dashboard, until Ctrl-C")
    .option(
      "-p, --port <port>",
      "where the API (gRPC, Connect and gRPC-Web) and the dashboard are",
      parsePort,
      DEFAULT_PORT,
    )
    .option("--host <address>", "on which address; one that other machines reach needs POLYREEL_AUTH=none", "127.0.0.1")
    .option("-o, --out <folder>", "below which the videos go, a folder a batch", "videos")
    .option("--state <folder>", "of event stream and read model, if the store is on S3", config.stateFolder)
    .option("--no-browser", "do not open the dashboard");
  withStore(command, config)
    .addHelpText("after", EXAMPLES)
    .action(async (flags: UpFlags) => {
      const { up } = await import("./up.js");
      exit(await up({ ...flags, logLevel: config.logLevel }, terminal));
    });
}

const EXAMPLES = `
Examples:
  polyreel up
  polyreel up --port 9000 --out /srv/videos

Then, in another terminal:
  polyreel submit batch.yaml --watch
`;

/** Parses a TCP port; 0 picks a free one. */
function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError("It must be a number from 0 to 65535.");
  return port;
}
