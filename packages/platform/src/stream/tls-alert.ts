import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import type { NatsAccess } from "./access.js";

const CONNECT_MS = 2_000;
/** Within it the alert has arrived. */
const ALERT_MS = 1_000;

/**
 * The TLS error that a server (`host:port`) ends a connection with; undefined if there is none, or no connection. The client of
 * NATS reports a timeout instead: with TLS 1.3 the server refuses a client certificate after the handshake has ended for us.
 */
export async function tlsAlertOf(server: string, access: NatsAccess): Promise<Error | undefined> {
  const { hostname, port } = new URL(`nats://${server}`);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const socket = connect({ host, port: Number(port) });
  try {
    const [greeting] = (await once(socket, "data", { signal: AbortSignal.timeout(CONNECT_MS) })) as [Buffer];
    if (!/"tls_(required|available)":\s*true/.test(greeting.toString())) return undefined;
    const { caFile, certFile, keyFile } = access;
    const secured = connectTls({
      ...{ socket, host },
      ...(caFile && { ca: readFileSync(caFile) }),
      ...(certFile && keyFile && { cert: readFileSync(certFile), key: readFileSync(keyFile) }),
    });
    secured.resume(); // Alerts are read with the data.
    const failed = once(secured, "close").then(() => undefined); // Rejects with the error.
    return await Promise.race([failed, sleep(ALERT_MS, undefined, { ref: false })]);
  } catch (error) {
    return (error as Error).name === "AbortError" ? undefined : (error as Error);
  } finally {
    socket.on("error", () => {}); // Of the socket that is left.
    socket.destroy();
  }
}
