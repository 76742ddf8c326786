import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { batchSchemaText } from "@polyreel/spec/batch-file";
import { exitCodes } from "../exit-codes.js";
import { openFolder } from "../folder.js";
import { ProblemsError } from "../problem.js";

/** The JSON Schema beside the batch file, used by editors for completion and validation. */
const SCHEMA_FILE = "batch.schema.json";

/** A batch file that works once its file names are replaced by real ones. */
export const template = `# yaml-language-server: $schema=./${SCHEMA_FILE}
# A batch: blocks, each with choices. Every combination of one choice of each block becomes a video:
# here 2 hooks x 2 bodies x 2 headlines x 2 speakers x 2 kinds of music = 32 videos.
#
#   polyreel render batch.yaml --out videos
#
# Paths are relative to this file. Times are written as 3s, 500ms or 1m30s.

name: spring-sale

# What every picture is brought to, in pixels and frames a second.
canvas:
  width: 1080
  height: 1920
  frameRate: 30
  fit: cover              # cover: fill it, cutting off what lies outside; contain: show all, with a border
  # background: "#101820" # of the border

blocks:
  # Video blocks follow each other in this order.
  - name: hook
    video:
      # sound: muted      # leave out the footage's own sound
      choices:
        - label: friday   # names the choice in file names and reports; the file's name where it is left out
          source: media/friday.mp4
          trim: {start: 0s, duration: 3s}
          # track: 2      # of several sound tracks; the one marked default where it is left out
        - label: flower
          source: media/flower.mp4
          trim: {last: 3s}

  - name: body
    video:
      choices:
        - source: media/product.mp4
        - label: photo
          image: media/product.jpg   # a still, shown for a while
          duration: 2s

  # Text lies over video blocks: those named, or all.
  - name: headline
    text:
      over: [hook]
      position: top       # top, center or bottom
      # size: 0.07        # height of a line, relative to the canvas's shorter side
      # color: "#ffffff"
      box: {color: "#000000a0"}
      choices:
        - text: Half price today
        - text: Free delivery

  # A voice starts with a video block. \`polyreel voices\` lists the voices.
  - name: speaker
    voice:
      at: hook
      offset: 500ms
      overrun: extend     # longer than the picture: extend holds the last frame, trim cuts it, fail refuses
      choices:
        - {label: rms, text: "Only today, everything is half price.", voice: rms}
        - {label: slt, text: "Only today, everything is half price.", voice: slt}

  # Music lies under the whole video.
  - name: music
    audio:
      gainDb: -4          # relative to speech
      duck: true          # 12 dB lower while a voice speaks
      loop: true          # repeated until the video ends
      choices:
        - source: media/guitar.mp3
        - label: silence  # no source: silence

# Names of the files; {id} stands for the combination's id. If blocks are left out, the id keeps names distinct.
naming: "{hook}_{body}_{headline}_{speaker}_{music}"

# Nothing is written, and a server (\`polyreel up\`) serves each video from its clips when it is played.
# outputs: [{virtual: true}]
`;

/** Writes the template, refusing to overwrite, and the schema beside it. Returns both paths. */
export async function writeTemplate(file: string): Promise<[batchFile: string, schemaFile: string]> {
  const schemaFile = join(dirname(file), SCHEMA_FILE);
  await openFolder(dirname(file), "polyreel init <file>");
  await write(file, template, "wx");
  await write(schemaFile, batchSchemaText(), "w"); // Overwrites: another version of Polyreel may have written it.
  return [file, schemaFile];
}

async function write(file: string, text: string, flag: "w" | "wx"): Promise<void> {
  try {
    await writeFile(file, text, { flag });
  } catch (error) {
    throw refused(file, error as NodeJS.ErrnoException);
  }
}

function refused(file: string, { code, message }: NodeJS.ErrnoException): ProblemsError {
  const problem =
    code === "EEXIST" || code === "EISDIR"
      ? { what: "There is something of this name already.", remedy: "Give another name: polyreel init other.yaml" }
      : { what: `The file can't be written (${code ?? message}).`, remedy: "Check the folder and its permissions." };
  return new ProblemsError([{ ...problem, where: { file } }], exitCodes.usage);
}
