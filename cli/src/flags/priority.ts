import { Priority } from "@polyreel/contract";
import { InvalidArgumentError } from "commander";

const PRIORITIES: Readonly<Record<string, Priority>> = {
  low: Priority.LOW,
  normal: Priority.NORMAL,
  high: Priority.HIGH,
};

/** Parses a batch priority, ignoring case. */
export function parsePriority(text: string): Priority {
  const priority = PRIORITIES[text.toLowerCase()];
  if (priority !== undefined) return priority;
  throw new InvalidArgumentError("Give low, normal or high.");
}
