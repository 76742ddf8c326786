import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, type TestCertificate } from "@polyreel/platform/testing";

const EXAMPLE = fileURLToPath(new URL("../../../../../deploy/nginx/polyreel.conf", import.meta.url));

/** nginx's program, where Debian puts it; undefined if it is not installed. */
export const NGINX = ["/usr/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"].find(existsSync);

export interface Nginx {
  readonly url: string;
  readonly port: number;
  /** Files that it has buffered bodies in, as far as the system shows them (Linux): they have no names. */
  buffered(): Promise<string[]>;
  close(): Promise<void>;
}

/** Runs nginx with deploy/nginx/polyreel.conf, in one process on loopback, before a gateway on `gatewayPort`. */
export async function startNginx(
  program: string,
  { certificate, key }: TestCertificate,
  gatewayPort: number,
): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-nginx-"));
  const [port, plainPort] = [await freePort(), await freePort()];
  const changes: [RegExp, string][] = [
    [/^ *listen \[::\].*\n/gm, ""],
    [/^ {2}listen 80;/m, `  listen 127.0.0.1:${plainPort};`],
    [/^ {2}listen 443/m, `  listen 127.0.0.1:${port}`],
    [/studio\.example/g, "localhost"],
    [/127\.0\.0\.1:8080/g, `127.0.0.1:${gatewayPort}`],
    [/\/etc\/polyreel\/fullchain\.pem/, certificate],
    [/\/etc\/polyreel\/privkey\.pem/, key],
  ];
  let example = await readFile(EXAMPLE, "utf8");
  for (const [from, to] of changes) {
    if (example.search(from) < 0) throw new Error(`polyreel.conf has no ${from}`);
    example = example.replace(from, to);
  }
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  await mkdir(join(folder, "temp"));
  const paths = temporary.map((name) => `  ${name}_temp_path ${folder}/temp/${name};`).join("\n");
  await writeFile(
    join(folder, "nginx.conf"),
    `daemon off;\nmaster_process off;\npid ${folder}/nginx.pid;\nerror_log stderr warn;\n` +
      `events { worker_connections 512; }\nhttp {\naccess_log off;\n${paths}\n${example}\n}\n`,
  );
  const child = spawn(program, ["-p", folder, "-c", join(folder, "nginx.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk;
  });
  const ended = once(child, "exit");
  const close = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (const until = Date.now() + 10_000; !(await isOpen(port)); await sleep(20)) {
    if (child.exitCode === null && Date.now() < until) continue;
    await close();
    throw new Error(`nginx did not start: ${errors}`);
  }
  return {
    url: `https://localhost:${port}`,
    port,
    buffered: () => openFiles(child.pid ?? 0, join(folder, "temp")),
    close,
  };
}

/** Files below a folder that a process has open. */
async function openFiles(pid: number, folder: string): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => ""));
  return (await Promise.all(targets)).filter((target) => target.startsWith(folder));
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
