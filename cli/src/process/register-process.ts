import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import { withStore } from "../flags/batch-flags.js";
import type { ProcessFlags } from "./outputs-of-flags.js";
import { presetFlags } from "./preset-flags.js";

interface Flags extends Omit<ProcessFlags, "presets"> {
  out: string;
  store: string;
  preset: string[];
  overwrite?: true;
  json?: true;
  quiet?: true;
}

export function registerProcess(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program
    .command("process")
    .description("make web videos, posters, sound and more of media files, here and now")
    .argument("<file...>", "paths or URLs of the media")
    .option("-o, --out <folder>", "where the results go", "processed");
  const named = presetFlags.map((name) => new Option(`--${name}`, `a transcode by the preset ${name}`));
  for (const option of named) command.addOption(option);
  withStore(command, config)
    .option("--preset <name>", "a transcode by a preset, own ones too; may be repeated", collect, [])
    .option("--watermark <image>", "an image to lay over the transcodes")
    .option("--poster [time]", "a frame as a JPEG, as in --poster 2s")
    .option("--thumbnails <count>", "the best frame of each of so many equal parts, as JPEGs", parseCount)
    .option("--sheet", "frames at equal intervals in one JPEG")
    .option("--storyboard", "a sheet of tiles and its WebVTT, for the seek bars of players")
    .option("--compress [quality]", "a smaller MP4: high, medium or low")
    .option("--audio [format]", "the sound alone: m4a, mp3, opus, wav or flac")
    .option("--preview [format]", "three seconds of it as a small moving picture: gif, webp or mp4")
    .option("--waveform [format]", "the peaks of its sound: png, or json for players")
    .option("--metadata", "a description of the file as JSON")
    .option("--overwrite", "overwrite files of other batches and of yours")
    .option("--json", "end with one JSON object on standard output")
    .option("-q, --quiet", "show no progress")
    .addHelpText("after", EXAMPLES)
    .action(async (files: string[], flags: Flags & Record<string, unknown>) => {
      const flagged = named.filter((option) => flags[option.attributeName()]).map(({ long }) => long?.slice(2) ?? "");
      const { processCommand } = await import("./process-command.js");
      const { logLevel, presetsFile } = config;
      exit(
        await processCommand(
          { ...flags, files, presets: [...flagged, ...flags.preset], logLevel, presetsFile },
          terminal,
        ),
      );
    });
}

const collect = (value: string, before: string[]): string[] => [...before, value];

/** As the contract has it. */
const MAX_THUMBNAILS = 64;

function parseCount(value: string): number {
  const count = Number(value);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_THUMBNAILS) return count;
  throw new InvalidArgumentError(`Give a number from 1 to ${MAX_THUMBNAILS}.`);
}

const EXAMPLES = `
Examples:
  polyreel process talk.mov --web-720p --poster
  polyreel process *.mov --web-1080p --webm-720p --out web
  polyreel process talk.mov --thumbnails 5 --storyboard
  polyreel process talk.mov --web-720p --watermark logo.png
  polyreel process talk.mov --compress low --audio mp3 --metadata
  polyreel process talk.mp3 --waveform json            peaks for a player
  polyreel process talk.mov --preset mobile             a preset of POLYREEL_PRESETS

The same file with the same settings is encoded once: what is in the store is used again.
\`polyreel presets\` lists the settings; batch files have all of them.

Exit codes:
  0    everything is made
  1    some outputs failed: the summary says why, the others are delivered
  2    wrong usage, or something missing that has to be there (nats-server, ffmpeg)
  130  stopped by Ctrl-C
`;
