import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import {
  type ConnectionOptions,
  credsAuthenticator,
  nkeyAuthenticator,
  nkeys,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { PolyreelError } from "../errors.js";
import { systemCode } from "../files/disk-error.js";

/** How a process authenticates at NATS, and how it recognises the server. `…File`: paths; every field is optional. */
export interface NatsAccess {
  /** Seed of an nkey. */
  readonly nkeyFile?: string;
  /** A user's JWT and seed. */
  readonly credsFile?: string;
  /** Name of a user, with `passwordFile`. */
  readonly user?: string;
  readonly passwordFile?: string;
  /** Certificates of authorities that may have signed the server's. */
  readonly caFile?: string;
  /** Client certificate, with `keyFile`. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** Authentication of a connection. */
export interface OpenedAccess {
  readonly options: Pick<ConnectionOptions, "authenticator" | "tls">;
  /** The user as an operator finds it in the server's configuration; empty if the access names none. */
  readonly user: () => string;
}

const READ_AS_TEXT = new TextDecoder();

/**
 * Options of a connection. The files are read at each connection, so that keys and certificates are replaced without a
 * restart; while a file cannot be read, a reconnection uses its last contents. Throws PolyreelError `precondition` for
 * variables that contradict each other, and for files that cannot be read or used.
 */
export function openAccess(access: NatsAccess, urlHasUser: boolean): OpenedAccess {
  assertOneUser(access, urlHasUser);
  const { caFile, certFile, keyFile } = access;
  const isTls = caFile !== undefined || certFile !== undefined;
  if (isTls) assertCertificates(access);
  const tls = isTls && { tls: { ...(caFile && { caFile }), ...(certFile && keyFile && { certFile, keyFile }) } };
  const { user, ...authenticator } = authenticatorOf(access);
  return { options: { ...tls, ...authenticator }, user };
}

function authenticatorOf({ nkeyFile, credsFile, user = "", passwordFile }: NatsAccess) {
  if (nkeyFile) {
    const read = latest(nkeyFile, "POLYREEL_NATS_NKEY_FILE", seedIn);
    return { authenticator: nkeyAuthenticator(() => read().secret), user: () => `nkey ${read.last().user}` };
  }
  if (credsFile) {
    const read = latest(credsFile, "POLYREEL_NATS_CREDS", credsIn);
    return { authenticator: credsAuthenticator(() => read().secret), user: () => read.last().user };
  }
  if (!passwordFile) return { user: () => user };
  const read = latest(passwordFile, "POLYREEL_NATS_PASSWORD_FILE", passwordIn);
  return { authenticator: usernamePasswordAuthenticator(user, read), user: () => user };
}

/** Reads a file once now, for its errors, and then at each call; `last` is what was read last. */
function latest<T>(path: string, variable: string, parse: (bytes: Buffer) => T): (() => T) & { last: () => T } {
  let last = parsed(path, variable, parse);
  const read = () => {
    try {
      last = parsed(path, variable, parse);
    } catch {
      // It is being replaced: what was read last may still be accepted.
    }
    return last;
  };
  return Object.assign(read, { last: () => last });
}

function parsed<T>(path: string, variable: string, parse: (bytes: Buffer) => T): T {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw unusable(variable, path, `can't be read (${systemCode(error) ?? "unknown error"})`, error);
  }
  try {
    return parse(bytes);
  } catch {
    throw unusable(variable, path, EXPECTED[variable] ?? "can't be used"); // A cause could repeat the secret.
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  POLYREEL_NATS_NKEY_FILE: "has no seed of a user's nkey: a line that begins with SU",
  POLYREEL_NATS_CREDS: "is no file of credentials: a user's JWT and the seed of its nkey",
  POLYREEL_NATS_PASSWORD_FILE: "is empty",
};

/** What the server accepts, and the user whose it is. */
interface Secret {
  readonly secret: Uint8Array;
  readonly user: string;
}

/** The line with the seed, among comments of tools, and its public key. */
function seedIn(bytes: Buffer): Secret {
  const secret = Buffer.from(/^\s*(SU[A-Z2-7]+)\s*$/m.exec(READ_AS_TEXT.decode(bytes))?.[1] ?? "");
  return { secret, user: nkeys.fromSeed(secret).getPublicKey() };
}

/** The whole file, and the name in its JWT, with the public key that it is about. */
function credsIn(bytes: Buffer): Secret {
  seedIn(bytes);
  const claims = /^[\w-]+\.([\w-]+)\.[\w-]+$/m.exec(READ_AS_TEXT.decode(bytes))?.[1] ?? "";
  const { name, sub } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { name?: string; sub: string };
  return { secret: bytes, user: name ? `${name}, ${sub}` : sub };
}

function passwordIn(bytes: Buffer): string {
  const password = READ_AS_TEXT.decode(bytes).replace(/\r?\n$/, "");
  if (password === "") throw new Error("empty");
  return password;
}

function assertOneUser({ nkeyFile, credsFile, user, passwordFile }: NatsAccess, urlHasUser: boolean): void {
  const given = [
    ...(nkeyFile ? ["POLYREEL_NATS_NKEY_FILE"] : []),
    ...(credsFile ? ["POLYREEL_NATS_CREDS"] : []),
    ...(user || passwordFile ? ["POLYREEL_NATS_USER"] : []),
    ...(urlHasUser ? ["a user in NATS_URL"] : []),
  ];
  if (given.length > 1)
    throw new PolyreelError("precondition", {
      reason: `There are several users for the NATS server: ${given.join(" and ")}.`,
      remedy: "Set one of them.",
    });
  assertPair(user, "POLYREEL_NATS_USER", passwordFile, "POLYREEL_NATS_PASSWORD_FILE");
}

function assertCertificates({ caFile, certFile, keyFile }: NatsAccess): void {
  assertPair(certFile, "POLYREEL_NATS_CERT", keyFile, "POLYREEL_NATS_KEY");
  const read = (path: string, variable: string) => parsed(path, variable, (bytes) => bytes);
  const ca = caFile && read(caFile, "POLYREEL_NATS_CA");
  const cert = certFile && read(certFile, "POLYREEL_NATS_CERT");
  const key = keyFile && read(keyFile, "POLYREEL_NATS_KEY");
  try {
    createSecureContext({ ...(ca && { ca }), ...(cert && key && { cert, key }) });
  } catch (error) {
    throw new PolyreelError(
      "precondition",
      {
        reason: "The certificates for the NATS server can't be used.",
        remedy:
          "POLYREEL_NATS_CA and POLYREEL_NATS_CERT name PEM files of certificates, POLYREEL_NATS_KEY that of the second one's key.",
      },
      { cause: error },
    );
  }
}

function assertPair(one: string | undefined, oneName: string, other: string | undefined, otherName: string): void {
  if ((one === undefined) === (other === undefined)) return;
  const [set, missing] = one === undefined ? [otherName, oneName] : [oneName, otherName];
  throw new PolyreelError("precondition", {
    reason: `${set} is set, and ${missing} is not.`,
    remedy: "Set both.",
  });
}

const unusable = (variable: string, path: string, what: string, cause?: unknown): PolyreelError =>
  new PolyreelError(
    "precondition",
    {
      reason: `The file in ${variable}, ${path}, ${what}.`,
      remedy: `${variable} names a file that the user whom Polyreel runs as can read; \`polyreel nats-config\` makes one.`,
    },
    { cause },
  );
