// A minimal Debian in a folder, made by mmdebstrap, and a clone of the project in it.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { runQuietly, runShown } from "../setup/run.mjs";

const PROJECT = "/opt/polyreel";

/**
 * Creates the system with only Node, npm and git, or updates a kept one to the last commit. `bringNode`: copies the running
 * Node, if the system's own is too old. Uses the host's mirror and its settings for package managers, so that it works
 * behind proxies too.
 *
 * @param {{suite: string, bringNode: boolean}} system @param {string} root The folder, empty.
 */
export async function makeDebian({ suite, bringNode }, root) {
  if (existsSync(join(root, PROJECT))) {
    await runQuietly("Updating the project", ["git", "-C", join(root, PROJECT), "pull", "--quiet", "--ff-only"]);
    return;
  }
  const include = ["ca-certificates", "git", ...(bringNode ? [] : ["nodejs", "npm"])].join(",");
  const settings = aptSettings().map((path) => `--aptopt=${readFileSync(path, "utf8").replaceAll("\n", " ")}`);
  const mirror = hostMirror();
  await runQuietly(`Making a minimal Debian (${suite})`, [
    ...["mmdebstrap", "--quiet", "--variant=minbase", `--include=${include}`, ...settings, suite, root],
    ...(mirror ? [mirror] : []),
  ]);
  for (const path of ["/etc/ssl/certs/ca-certificates.crt", "/etc/resolv.conf", "/etc/hosts", ...aptSettings()]) {
    copyInto(root, path);
  }
  if (bringNode) bringOurNode(root);
  await runQuietly("Cloning the project", ["git", "clone", "--quiet", resolve("."), join(root, PROJECT)]);
  const media = resolve("../shared/media"); // Real recordings, if present beside the project.
  if (existsSync(media)) cpSync(media, join(root, dirname(PROJECT), "shared/media"), { recursive: true });
}

/**
 * Runs a command there, on this terminal, in the project's folder; resolves to its exit code. It runs in separate
 * namespaces, so that its processes and mounts end with it.
 */
export const runInDebian = (root, command) =>
  runShown([
    ...["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh", root],
    ...["/usr/bin/env", "--ignore-environment", `--chdir=${PROJECT}`, ...environment(), ...command],
  ]);

/** The shell remains as the namespace's first process: it reaps orphans. */
const ENTER =
  'root=$1; shift; mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && { chroot "$root" "$@" & wait $!; }';

/** The environment of programs there: access to package indexes, and nothing else of this machine. */
function environment() {
  const passed = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_(registry|cafile)|PIP_\w+|CI)$/.test(name),
  );
  const certificates = "/etc/ssl/certs/ca-certificates.crt";
  return [
    ...["HOME=/root", "LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    ...[`NODE_EXTRA_CA_CERTS=${certificates}`, `npm_config_cafile=${certificates}`, `PIP_CERT=${certificates}`],
    ...passed.map(([name, value]) => `${name}=${value}`),
  ];
}

const aptSettings = () =>
  existsSync("/etc/apt/apt.conf.d")
    ? readdirSync("/etc/apt/apt.conf.d")
        .filter((name) => name.startsWith("99"))
        .map((name) => `/etc/apt/apt.conf.d/${name}`)
    : [];

/** This machine's package mirror; undefined if it is no Debian: mmdebstrap has a default. */
function hostMirror() {
  if (!existsSync("/etc/debian_version") || !/^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"))) return;
  const folder = "/etc/apt/sources.list.d";
  const files = [
    "/etc/apt/sources.list",
    ...(existsSync(folder) ? readdirSync(folder).map((f) => join(folder, f)) : []),
  ];
  const text = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, "utf8"));
  return /^(?:URIs: *|deb (?:\[[^\]]*\] *)?)(\S+)/m.exec(text.join("\n"))?.[1];
}

function bringOurNode(root) {
  const local = join(root, "usr/local");
  mkdirSync(join(local, "bin"), { recursive: true });
  cpSync(process.execPath, join(local, "bin/node"), { dereference: true });
  const npm = dirname(dirname(process.env.npm_execpath ?? "/usr/lib/node_modules/npm/bin/npm-cli.js"));
  cpSync(npm, join(local, "lib/node_modules/npm"), { recursive: true });
  for (const name of ["npm", "npx"]) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, "bin", name));
  }
}

function copyInto(root, path) {
  if (!existsSync(path)) return;
  mkdirSync(dirname(join(root, path)), { recursive: true });
  cpSync(path, join(root, path), { dereference: true });
}
