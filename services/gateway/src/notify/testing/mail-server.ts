import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and text. */
  readonly content: string;
}

export interface MailServer {
  readonly port: number;
  readonly received: ReceivedMail[];
  /** Users and passwords that clients gave. */
  readonly logins: string[];
  /** Reply code to recipients from now on; 0: they are accepted. */
  refuseWith: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A mail server on this machine that records what it gets. */
export async function startMailServer({ hangs = false } = {}): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const logins: string[] = [];
  const state = { refuseWith: 0 };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onConnect: (_session, callback) => {
      if (!hangs) callback();
    },
    onAuth: ({ username, password }, _session, callback) => {
      logins.push(`${username} ${password}`);
      if (password === "right") callback(null, { user: username });
      else callback(new Error(`wrong password ${password}`));
    },
    onRcptTo: (_address, _session, callback) => {
      if (state.refuseWith === 0) return callback();
      callback(Object.assign(new Error("no such mailbox"), { responseCode: state.refuseWith }));
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          content: Buffer.concat(chunks).toString(),
        });
        callback();
      });
    },
  });
  server.on("error", () => {});
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  return {
    port: (listening.address() as AddressInfo).port,
    received,
    logins,
    get refuseWith() {
      return state.refuseWith;
    },
    set refuseWith(code) {
      state.refuseWith = code;
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
