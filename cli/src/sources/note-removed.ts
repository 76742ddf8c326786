import type { RemovedSource } from "@polyreel/parts/sources";
import { counted } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";

const SHORT_HASH = 16;

/** Reports a damaged source in the store: videos made from it earlier may be wrong. */
export const noteRemoved =
  (terminal: Pick<Terminal, "note">) =>
  ({ sha256, parts }: RemovedSource): void =>
    terminal.note(
      `Source ${sha256.slice(0, SHORT_HASH)} in the store was not the file that was put; it was removed with ` +
        `${counted(parts.length, "part")} made from it, and is put again.\n`,
    );
