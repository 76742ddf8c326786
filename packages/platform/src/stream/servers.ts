import { PolyreelError } from "../errors.js";

/** Addresses of the event stream's servers, and our credentials. */
export interface NatsServers {
  /** "host:port", without credentials: the client would print them, and does not parse them from an address. */
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly tls?: Record<string, never>;
}

const DEFAULT_PORT = "4222";

/**
 * Parses NATS_URL: addresses separated by commas, such as "nats://user:password@one:4222,nats://two:4222"; a user
 * without password is a token. `tls://` enables TLS. Credentials of one apply to all. Throws PolyreelError `invalid`,
 * which does not repeat the value.
 */
export function natsServers(url: string): NatsServers {
  const addresses = url.split(",").flatMap((one) => (one.trim() === "" ? [] : [parsed(one.trim())]));
  if (addresses.length === 0) throw malformed();
  const known = addresses.find(({ username }) => username !== "");
  const credentials = known && credentialsOf(known);
  if (addresses.some((one) => one.username !== "" && !isSame(credentialsOf(one), credentials))) {
    throw new PolyreelError("invalid", {
      reason: "NATS_URL has different users for its servers.",
      remedy: "Give one of the addresses a user and a password: they hold for all of a cluster.",
    });
  }
  return {
    servers: addresses.map(({ hostname, port }) => `${hostname}:${port || DEFAULT_PORT}`),
    ...credentials,
    ...(addresses.some(({ protocol }) => protocol === "tls:") && { tls: {} }),
  };
}

function parsed(address: string): URL {
  const whole = /^[a-z+]+:\/\//i.test(address) ? address : `nats://${address}`;
  // Checked first: the error of URL contains the address, including the password.
  if (!URL.canParse(whole)) throw malformed();
  const url = new URL(whole);
  if ((url.protocol !== "nats:" && url.protocol !== "tls:") || url.hostname === "") throw malformed();
  return url;
}

function credentialsOf({ username, password }: URL): Pick<NatsServers, "user" | "pass" | "token"> {
  try {
    const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
    return password === "" ? { token: user } : { user, pass };
  } catch {
    throw malformed();
  }
}

const isSame = (one: object, other: object | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Does not repeat the address, which may contain a password. */
const malformed = (): PolyreelError =>
  new PolyreelError("invalid", {
    reason: "NATS_URL can't be read as addresses of NATS servers.",
    remedy: "Write it as in nats://host:4222 or nats://user:password@host:4222, with %40 for an @ in a password.",
  });
