import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Running } from "@polyreel/platform";

const PROGRAMS = ["ffmpeg", "ffprobe", "flite", "espeak-ng"] as const;

interface RecordingPrograms extends Running {
  /** To be prepended to PATH. */
  readonly path: string;
  /** Recorded so far: "ran <name>", environment and arguments of each run, a line each. */
  notes(): string;
}

/** Wrappers that record their environment and arguments before they run the real programs. */
export async function installRecordingPrograms(folder: string): Promise<RecordingPrograms> {
  const programs = join(folder, "programs");
  await mkdir(programs);
  // A pipe: ffprobe may write no file at all.
  const pipe = join(folder, "notes");
  execFileSync("mkfifo", [pipe]);
  const real = process.env.PATH ?? "";
  for (const name of PROGRAMS) {
    const script = [
      "#!/bin/sh",
      `{ echo 'ran ${name}'; env; printf '%s\\n' "$@"; } > '${pipe}'`,
      `exec env PATH='${real}' ${name} "$@"`,
    ];
    const path = join(programs, name);
    await writeFile(path, `${script.join("\n")}\n`);
    await chmod(path, 0o755);
  }
  // Opened for reading and writing, so that it does not end with the first writer.
  const reader = spawn("sh", ["-c", `exec cat <>'${pipe}'`], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(reader, "close");
  const notes: Buffer[] = [];
  reader.stdout.on("data", (chunk: Buffer) => notes.push(chunk));
  return {
    path: `${programs}${delimiter}${real}`,
    notes: () => Buffer.concat(notes).toString(),
    close: async () => {
      reader.kill();
      await ended;
    },
  };
}
