import { Option } from "commander";

/** Fields that a server can sort by. The server checks which of them apply and can be combined. */
const FIELDS = ["ordinal", "state", "ended_at", "duration", "size", "submitted_at", "finished_at", "name"];

/** Passed to the server as is: "state, size desc". The form without spaces needs no quotes in a shell. */
export const sortOption = (): Option =>
  new Option("--sort <fields>", 'by these, comma-separated, like "state,size:desc"; batches by one of the last three')
    .choices(FIELDS)
    .argParser((text: string) => text.replaceAll(/:(asc|desc)\b/g, " $1"));
