import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, type MsgHdrs } from "@nats-io/transport-node";
import { SECRETS } from "./markers.js";

const USER = "polyreel";

/** nats-server's configuration: access requires the secret. */
export const STRICT = `authorization {user: ${USER}, password: "${SECRETS.nats}"}\n`;

/** A server's URL with the secret in it. */
export const withPassword = (url: string): string => url.replace("//", `//${USER}:${SECRETS.nats}@`);

/** Records all messages of the server from now on, and reads the contents of its streams. */
export async function startStreamWitness(url: string) {
  const connection = await connect({ servers: url, user: USER, pass: SECRETS.nats });
  const messages: Buffer[] = [];
  connection.subscribe(">", {
    callback: (_error, { subject, headers, data }) => {
      messages.push(Buffer.from(subject), textOf(headers), Buffer.from(data));
    },
  });
  await connection.flush();
  return {
    messages: () => Buffer.concat(messages),
    async kept(): Promise<Buffer> {
      const manager = await jetstreamManager(connection);
      const all: Buffer[] = [];
      for await (const { config, state } of manager.streams.list()) {
        // An empty one begins at 0, where no message can be.
        for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++)
          all.push(...(await read(manager, config.name, seq)));
      }
      return Buffer.concat(all);
    },
    close: () => connection.close(),
  };
}

async function read(manager: JetStreamManager, stream: string, seq: number): Promise<Buffer[]> {
  const message = await manager.streams.getMessage(stream, { seq });
  return message ? [Buffer.from(message.subject), textOf(message.header), Buffer.from(message.data)] : [];
}

function textOf(headers: MsgHdrs | undefined): Buffer {
  return Buffer.from([...(headers ?? [])].flat(2).join("\n"));
}
