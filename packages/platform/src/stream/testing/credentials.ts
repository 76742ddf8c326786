import { randomUUID } from "node:crypto";
import { nkeys } from "@nats-io/transport-node";

type KeyPair = ReturnType<typeof nkeys.createUser>;

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JWT of NATS as nsc makes it: https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt */
function signed(issuer: KeyPair, subject: KeyPair, name: string, nats: object): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { jti: randomUUID(), iat, iss: issuer.getPublicKey(), name, sub: subject.getPublicKey(), nats };
  const text = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part(claims)}`;
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString("base64url")}`;
}

const UNLIMITED = { subs: -1, data: -1, payload: -1 };

/** An operator with an account for Polyreel, as nsc makes them. */
export class Operator {
  readonly #operator = nkeys.createOperator();
  readonly #system = nkeys.createAccount();
  readonly #account = nkeys.createAccount();

  /** A configuration of a nats-server with JetStream that trusts this operator. `folder`: of its data. */
  configuration(folder: string): string {
    const own = signed(this.#operator, this.#operator, "studio", { type: "operator", version: 2 });
    const connections = { ...UNLIMITED, conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true };
    const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
    const account = (pair: KeyPair, name: string, limits: object) =>
      `${pair.getPublicKey()}: ${signed(this.#operator, pair, name, { type: "account", version: 2, limits })}`;
    return `operator: ${own}
system_account: ${this.#system.getPublicKey()}
resolver: MEMORY
resolver_preload: {
  ${account(this.#system, "SYS", connections)}
  ${account(this.#account, "polyreel", { ...connections, ...storage })}
}
jetstream: {store_dir: ${JSON.stringify(folder)}}
`;
  }

  /** A file of credentials of a new user. */
  credentials(name: string): string {
    const user = nkeys.createUser();
    const jwt = signed(this.#account, user, name, { type: "user", version: 2, pub: {}, sub: {}, ...UNLIMITED });
    const seed = new TextDecoder().decode(user.getSeed());
    const block = (title: string, text: string) => `-----BEGIN ${title}-----\n${text}\n------END ${title}------\n`;
    return `${block("NATS USER JWT", jwt)}\n${block("USER NKEY SEED", seed)}`;
  }
}
