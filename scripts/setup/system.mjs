// Properties of this machine: programs, fonts, rights.
import { spawnSync } from "node:child_process";
import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Where Debian puts servers, nats-server among them; not in the PATH of ordinary users. */
const MORE_FOLDERS = process.platform === "win32" ? [] : ["/usr/local/sbin", "/usr/sbin"];

/** The environment for child processes: ours, with the servers' folders at the end of PATH. */
export function environment() {
  const path = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const more = MORE_FOLDERS.filter((folder) => !path.includes(folder));
  return { ...process.env, PATH: [...path, ...more].join(delimiter) };
}

export function hasProgram(name) {
  return environment()
    .PATH.split(delimiter)
    .some((folder) => {
      try {
        const path = join(folder, name);
        accessSync(path, constants.X_OK);
        return statSync(path).isFile();
      } catch {
        return false;
      }
    });
}

/** Names of the font files; undefined on systems that bring fonts of every script. @returns {string[] | undefined} */
export function fontFiles() {
  if (process.platform !== "linux") return undefined;
  const folders = [
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    join(homedir(), ".local/share/fonts"),
    join(homedir(), ".fonts"),
  ];
  return folders.flatMap((folder) => {
    try {
      return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => entry.name);
    } catch {
      return []; // No such folder.
    }
  });
}

export function rights() {
  const isRoot = process.getuid?.() === 0;
  const mayBecomeRoot =
    !isRoot && hasProgram("sudo") && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
  return { isRoot, mayBecomeRoot };
}

/** Output of a command; empty if it cannot be started. @param {string[]} command @returns {string} */
export function outputOf([program, ...args]) {
  return spawnSync(program, args, { encoding: "utf8", env: environment() }).stdout ?? "";
}

/** Whether ffmpeg can encode H.264, which needs libx264. */
export const ffmpegHasX264 = () => /\blibx264\b/.test(outputOf(["ffmpeg", "-hide_banner", "-encoders"]));
