import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { parseSpan } from "@polyreel/platform";
import { type Command, InvalidArgumentError } from "commander";

const MAX_LIFETIME_MS = 7 * 86_400_000;

export interface LinkFlags {
  /** In milliseconds; the server's default without it. */
  lifetime?: number;
}

export const withLifetime = (command: Command): Command =>
  command.option(
    "--lifetime <span>",
    "how long links work, such as 2h or 7d; 24h unless the server says otherwise",
    span,
  );

function span(text: string): number {
  const ms = parseSpan(text);
  if (ms !== undefined && ms >= 1000 && ms <= MAX_LIFETIME_MS) return ms;
  throw new InvalidArgumentError("Write it as in 90s, 30m, 12h or 7d, which is the longest.");
}

export const linkLifetimeOf = (lifetime: number | undefined) =>
  lifetime === undefined ? {} : { linkLifetime: durationFromMs(lifetime) };
