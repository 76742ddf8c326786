import { type FailureCode, failureCodeName, failureCodes, isWorthRetrying } from "@polyreel/contract";
import { nearest } from "@polyreel/spec";
import { type Command, InvalidArgumentError, Option } from "commander";

/** Flags that select combinations by failure code. */
export interface FailureCodeFlags {
  code: FailureCode[];
  worthRetrying?: true;
}

const NAMES = new Map(failureCodes.map((code) => [failureCodeName(code), code] as const));

export const withFailureCodes = (command: Command): Command =>
  command
    .addOption(
      new Option("--code <code>", `only what failed with this code, again for more: ${[...NAMES.keys()].join(", ")}`)
        .argParser(gatherCode)
        .default([], "any"),
    )
    .option(
      "--worth-retrying",
      "only what failed in a way that may pass: not by the fault of the batch or its sources",
    );

/** The codes selected by the flags; empty for any. */
export function chosenCodes({ code, worthRetrying }: FailureCodeFlags): FailureCode[] {
  if (!worthRetrying) return code;
  return (code.length > 0 ? code : failureCodes).filter(isWorthRetrying);
}

function gatherCode(text: string, before: FailureCode[]): FailureCode[] {
  const code = NAMES.get(text.toLowerCase());
  if (code !== undefined) return [...before, code];
  const suggestion = nearest(text.toLowerCase(), [...NAMES.keys()]);
  throw new InvalidArgumentError(
    `${suggestion ? `Did you mean ${suggestion}? ` : ""}Codes are ${[...NAMES.keys()].join(", ")}.`,
  );
}
