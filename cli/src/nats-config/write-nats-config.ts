import { createUser, fromSeed } from "@nats-io/nkeys";
import { serviceNames } from "@polyreel/contract";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import { type Certified, createAuthority, endOf, issueCertificate } from "./certificates.js";
import { KeptFiles } from "./kept-files.js";
import { adminPermissions, jobsPermissions, observerPermissions } from "./operator-permissions.js";
import type { Permissions } from "./permissions.js";
import { accountsConfiguration, type ServerUser, serverConfiguration } from "./server-configuration.js";
import { servicePermissions } from "./service-permissions.js";

export interface NatsConfigOptions {
  readonly out: string;
  /** The same folder as the server finds it. */
  readonly at: string;
  /** Tenants whose programs publish jobs; "default" is the default tenant. */
  readonly jobs: readonly string[];
  readonly tls: boolean;
  /** Names and addresses of the server. */
  readonly hosts: readonly string[];
  readonly now: Date;
}

const CERTIFICATE_DAYS = 365;
/** A certificate that ends sooner is replaced. */
const RENEWED_DAYS = 60;
const DAY_MS = 86_400_000;

/** What was written, by name within the folder. */
export interface WrittenConfig {
  readonly users: readonly string[];
  readonly made: readonly string[];
}

/**
 * Writes keys, certificates and the server's configuration into a folder. Existing keys are kept, and so are certificates that
 * last for two months; the accounts are written anew. Throws ProblemsError for a file that is no key or certificate.
 */
export async function writeNatsConfig(options: NatsConfigOptions): Promise<WrittenConfig> {
  const files = new KeptFiles(options.out);
  const users: ServerUser[] = [];
  for (const [name, permissions] of permissionsByUser(options.jobs)) {
    users.push({ name, nkey: await publicKey(files, name), permissions });
  }
  if (options.tls) await writeCertificates(files, users, options);
  await files.write("accounts.conf", accountsConfiguration(users), { secret: false });
  if ((await files.read("nats-server.conf")) === undefined)
    await files.write("nats-server.conf", serverConfiguration({ folder: options.at, tls: options.tls }), {
      secret: false,
    });
  return { users: users.map(({ name }) => name), made: files.made };
}

/** The services, the operators, and a program for each tenant that publishes jobs. */
const permissionsByUser = (jobs: readonly string[]): readonly (readonly [string, Permissions])[] => [
  ...serviceNames.map((name) => [name, servicePermissions(name)] as const),
  ["observer", observerPermissions("observer")],
  ["admin", adminPermissions],
  ...jobs.map((tenant) => {
    const user = `jobs-${tenant}`;
    return [user, jobsPermissions(user, tenant === "default" ? undefined : tenant)] as const;
  }),
];

async function publicKey(files: KeptFiles, name: string): Promise<string> {
  const file = `users/${name}.nk`;
  const existing = await files.read(file);
  if (existing !== undefined) {
    return usable(file, () => fromSeed(Buffer.from(existing.trim())).getPublicKey());
  }
  const pair = createUser();
  await files.write(file, `${Buffer.from(pair.getSeed()).toString()}\n`, { secret: true });
  return pair.getPublicKey();
}

async function writeCertificates(
  files: KeptFiles,
  users: readonly ServerUser[],
  { hosts, now }: NatsConfigOptions,
): Promise<void> {
  const authority = await kept(files, "ca", now, () => createAuthority("Polyreel NATS", now));
  const validity = { now, days: CERTIFICATE_DAYS };
  await kept(files, "server", now, () => issueCertificate(authority, { name: "nats-server", hosts }, validity));
  for (const { name } of users) await kept(files, name, now, () => issueCertificate(authority, { name }, validity));
}

/** A certificate and its key, made if it is missing or ends soon. */
async function kept(files: KeptFiles, name: string, now: Date, make: () => Promise<Certified>): Promise<Certified> {
  const [file, keyFile] = [`tls/${name}.pem`, `tls/${name}-key.pem`];
  const [certificate, key] = [await files.read(file), await files.read(keyFile)];
  if (certificate !== undefined && key !== undefined) {
    const leftMs = usable(file, () => endOf(certificate)).getTime() - now.getTime();
    if (leftMs > RENEWED_DAYS * DAY_MS) return { certificate, key };
  }
  const made = await make();
  await files.write(keyFile, made.key, { secret: true });
  await files.write(file, made.certificate, { secret: false });
  return made;
}

function usable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new ProblemsError(
      [
        {
          what: `${file} is not what this command wrote.`,
          remedy: "Remove it to have a new one made, or give another folder with --out.",
        },
      ],
      exitCodes.usage,
    );
  }
}
