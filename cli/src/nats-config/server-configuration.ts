import type { Permissions } from "./permissions.js";

/** A user of the account of Polyreel. */
export interface ServerUser {
  readonly name: string;
  /** Public key of its nkey. */
  readonly nkey: string;
  readonly permissions: Permissions;
}

/**
 * The accounts of nats-server: one with JetStream, which has these users. Whoever is none of them can do nothing, and users of
 * other accounts reach nothing of it.
 */
export const accountsConfiguration = (
  users: readonly ServerUser[],
): string => `# Written by \`polyreel nats-config\`, and written anew each time. Include it in the server's configuration.
accounts {
  POLYREEL {
    jetstream: enabled
    users: [
${users.map(userEntry).join("\n")}
    ]
  }
}
`;

const userEntry = ({ name, nkey, permissions: { publish, subscribe } }: ServerUser): string => `      # ${name}
      {
        nkey: ${nkey}
        permissions: {
          publish: {
            allow: ${list(publish.allow)}
${(publish.deny ?? []).length > 0 ? `            deny: ${list(publish.deny ?? [])}\n` : ""}          }
          subscribe: { allow: ${list(subscribe.allow)} }
        }
      }`;

const list = (subjects: readonly string[]): string =>
  `[\n${[...new Set(subjects)].map((subject) => `              ${JSON.stringify(subject)}`).join("\n")}\n            ]`;

export interface ServerOptions {
  /** Folder of these files, as the server finds it. */
  readonly folder: string;
  readonly tls: boolean;
}

/** A whole configuration of one server, to begin with. */
export const serverConfiguration = ({
  folder,
  tls,
}: ServerOptions): string => `# Begun by \`polyreel nats-config\`, and yours to change: it is never written again. Start: nats-server -c <this file>
listen: "127.0.0.1:4222"
jetstream {
  store_dir: ${JSON.stringify(`${folder}/data`)}
}
${tls ? tlsBlock(folder) : ""}include "accounts.conf"
`;

/** Clients prove by certificate that they are ours, and by nkey which of them. */
const tlsBlock = (folder: string): string => `tls {
  cert_file: ${JSON.stringify(`${folder}/tls/server.pem`)}
  key_file: ${JSON.stringify(`${folder}/tls/server-key.pem`)}
  ca_file: ${JSON.stringify(`${folder}/tls/ca.pem`)}
  verify: true
  timeout: 5
}
`;
