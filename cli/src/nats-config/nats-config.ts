import { resolve } from "node:path";
import { isTenant } from "@polyreel/platform/blobs";
import { exitCodes } from "../exit-codes.js";
import { openFolder } from "../folder.js";
import { ProblemsError } from "../problem.js";
import type { Terminal } from "../terminal/terminal.js";
import { writeNatsConfig } from "./write-nats-config.js";

export interface NatsConfigFlags {
  readonly out: string;
  readonly at?: string;
  readonly jobs?: readonly string[];
  readonly tls?: boolean;
  readonly host?: readonly string[];
}

const LOCAL = ["localhost", "127.0.0.1"];
/** A name or an address of a host. */
const HOST = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$|^[0-9a-f:.]+$/i;

/** `polyreel nats-config`. Returns the exit code. */
export async function natsConfig(
  { out, at, jobs = [], tls = false, host = LOCAL }: NatsConfigFlags,
  terminal: Terminal,
): Promise<number> {
  for (const tenant of jobs)
    if (!isTenant(tenant))
      throw usage(
        `${JSON.stringify(tenant)} is not a tenant's name.`,
        "Use up to 63 lower-case letters, digits and '-', with no '-' at either end.",
      );
  for (const name of host)
    if (!HOST.test(name))
      throw usage(`${JSON.stringify(name)} is no name or address of a host.`, "Write --host nats.internal 10.0.0.7.");
  if (host !== LOCAL && !tls) throw usage("--host is for the server's certificate.", "Give --tls too.");
  const { path } = await openFolder(out, "--out");
  const { made, users } = await writeNatsConfig({
    ...{ out: path, at: at ?? resolve(path), jobs: [...new Set(jobs)], tls, hosts: host, now: new Date() },
  });
  for (const name of made) await terminal.print(`${name}\n`);
  terminal.note(`${users.length} users: ${users.join(", ")}.\n`);
  terminal.note(`Start the server:  nats-server -c ${path}/nats-server.conf\n`);
  terminal.note(`Of each service:   ${variables(path, tls).join(" ")}\n`);
  return exitCodes.delivered;
}

const variables = (folder: string, tls: boolean): string[] => [
  `POLYREEL_NATS_NKEY_FILE=${folder}/users/<service>.nk`,
  ...(tls
    ? [
        `POLYREEL_NATS_CA=${folder}/tls/ca.pem`,
        `POLYREEL_NATS_CERT=${folder}/tls/<service>.pem`,
        `POLYREEL_NATS_KEY=${folder}/tls/<service>-key.pem`,
      ]
    : []),
];

const usage = (what: string, remedy: string): ProblemsError => new ProblemsError([{ what, remedy }], exitCodes.usage);
