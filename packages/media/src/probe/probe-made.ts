import { fileUrl, untrusted } from "../ffmpeg/arguments.js";
import { LineReader } from "../ffmpeg/line-reader.js";
import { runFfprobe } from "../ffmpeg/run.js";
import type { FfprobeJson } from "./ffprobe-json.js";
import { type Probe, parseProbe } from "./parse.js";
import { PACKET_TIMES, PacketTally } from "./scan-packets.js";

/** It reads the whole file. */
const DEADLINE_SECONDS = 120;

const SHOWN = `format:stream:stream_tags:stream_disposition:stream_side_data_list:packet=${PACKET_TIMES}`;

/** Each packet begins on a line of its own, within the list. Lines further in are its side data. */
const LIST = /^ {4}"packets": \[$/;
const LIST_END = /^ {4}\]/;
const PACKET = /^ {8}\{/;
const FIELD = /"(\w+)": "?([^",]+)/g;

/**
 * Probes a file that Polyreel has made, by all of its packets. One run of ffprobe instead of the four for a stranger's file:
 * no search for damage, no decoded pictures. Throws like `runFfprobe`.
 */
export async function probeMade(path: string, signal: AbortSignal): Promise<Probe> {
  const header: string[] = [];
  const packets = new PacketTally(false);
  let within = false;
  const lines = new LineReader((line) => {
    if (within && !LIST_END.test(line)) {
      if (PACKET.test(line))
        packets.add(Object.fromEntries([...line.matchAll(FIELD)].map(([, name, value]) => [name, value])));
      return;
    }
    within = LIST.test(line);
    header.push(line);
  });
  const shown = ["-show_entries", SHOWN, "-of", "json=compact=1"];
  await runFfprobe([...shown, ...untrusted, "-i", fileUrl(path)], {
    signal,
    deadlineSeconds: DEADLINE_SECONDS,
    onStdout: (chunk) => lines.push(chunk),
  });
  lines.end();
  const json: FfprobeJson = JSON.parse(header.join(""));
  return parseProbe(json, { scan: packets.found(json.streams ?? []) });
}
