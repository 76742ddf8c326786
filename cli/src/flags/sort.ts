import { Option } from "commander";

/** What a server sorts batches and combinations by. It says itself what it can't sort by, and which come together. */
const FIELDS = ["ordinal", "state", "ended_at", "duration", "size", "submitted_at", "finished_at", "name"];

/** Kept as the server takes it: "state, size desc". On a command line there is also a way to say so without spaces. */
export const sortOption = (): Option =>
  new Option("--sort <fields>", 'by these, comma-separated, like "state,size:desc"; batches by one of the last three')
    .choices(FIELDS)
    .argParser((text: string) => text.replaceAll(/:(asc|desc)\b/g, " $1"));
