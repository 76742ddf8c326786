import { type CombinationState, combinationStates } from "@polyreel/contract";
import { type Command, InvalidArgumentError, Option } from "commander";

/** Flags that select combinations. */
export interface FilterFlags {
  choice: { block: string; choice: string }[];
  /** Names of outputs; empty for all. */
  output: string[];
  state?: CombinationState;
}

export const withChoices = (command: Command): Command =>
  command.addOption(
    new Option(
      "-c, --choice <block=label>",
      "only those with this choice; again for more: of one block any of them, of different blocks all",
    )
      .argParser(gatherChoice)
      .default([], "all of them"),
  );

export const withFilter = (command: Command): Command =>
  withChoices(command).addOption(
    new Option("--output <name>", "only the output of this name; again for more")
      .argParser((name: string, before: string[]) => [...before, name])
      .default([], "all of them"),
  );

function gatherChoice(text: string, before: FilterFlags["choice"]): FilterFlags["choice"] {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Give a block and a label: --choice hook=flower");
  return [...before, { block: text.slice(0, at), choice: text.slice(at + 1) }];
}

export function parseState(text: string): CombinationState {
  const name = text.toLowerCase();
  if (Object.hasOwn(combinationStates, name)) return combinationStates[name as keyof typeof combinationStates];
  throw new InvalidArgumentError(`States are ${Object.keys(combinationStates).join(", ")}.`);
}
